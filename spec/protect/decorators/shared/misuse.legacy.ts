import { expectMisuse, forms } from '../../../support/decorator-fixtures/misuse';

export function refusesWhatOnlyLegacySees(): void {
  describe.each(forms)('%s', (name, decorator) => {
    // With `useDefineForClassFields` the field is defined on each instance, after and over anything the decorator did.
    it('refuses a property field', () => {
      const declare = () => {
        class VideoService {
          @decorator
          download = async (): Promise<void> => {};
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'VideoService.download');
    });

    it('refuses a static property field', () => {
      const declare = () => {
        class VideoService {
          @decorator
          static download = async (): Promise<void> => {};
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'VideoService.download');
    });

    it('refuses a field as Babel describes it, with an initializer', () => {
      class VideoService {}
      const field = { configurable: true, enumerable: true, writable: true, initializer: () => async () => 1 };

      expectMisuse(() => decorator(VideoService.prototype, 'download', field), name, 'VideoService.download');
    });
  });
}
