import { expectMisuse, forms } from '../../../support/decorator-fixtures/misuse';

export function refusesWhatOnlyTc39Sees(): void {
  describe.each(forms)('%s', (name, decorator) => {
    it('refuses an accessor', () => {
      const declare = () => {
        class VideoService {
          @decorator
          accessor download = async (): Promise<void> => {};
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'download');
      expect(declare).toThrow('an accessor cannot be protected');
    });

    it('refuses a static accessor', () => {
      const declare = () => {
        class VideoService {
          @decorator
          static accessor download = async (): Promise<void> => {};
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'download');
    });

    it('refuses a #private getter', () => {
      const declare = () => {
        class VideoService {
          @decorator
          get #size(): number {
            return 1;
          }

          size(): number {
            return this.#size;
          }
        }
        return VideoService;
      };

      expectMisuse(declare, name, '#size');
    });

    it.each([
      ['a number', 1],
      ['nothing', undefined],
      ['a promise', Promise.resolve()],
    ])('refuses a field that holds %s, when it gets it', (_what, value) => {
      class VideoService {
        @decorator
        download = value;
      }

      expectMisuse(() => new VideoService(), name, 'download');
    });

    it('refuses a static field that holds no function', () => {
      const declare = () => {
        class VideoService {
          @decorator
          static size = 1;
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'size');
    });
  });
}
