import { CircuitBreaker, ConfigurationError, Resilient } from '../../../../lib';
import { errorOf, expectMisuse, forms } from '../../../support/decorator-fixtures/misuse';

export function refusesWhatItCannotProtect(): void {
  describe.each(forms)('%s', (name, decorator) => {
    it('refuses a getter', () => {
      const declare = () => {
        class VideoService {
          @decorator
          get size(): number {
            return 1;
          }
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'size');
    });

    it('refuses a setter', () => {
      const declare = () => {
        class VideoService {
          @decorator
          set size(_size: number) {}
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'size');
    });

    it('refuses a static getter', () => {
      const declare = () => {
        class VideoService {
          @decorator
          static get size(): number {
            return 1;
          }
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'size');
    });

    it('refuses a getter that returns an async function', () => {
      const declare = () => {
        class VideoService {
          @decorator
          get download() {
            return async () => 1;
          }
        }
        return VideoService;
      };

      expectMisuse(declare, name, 'download');
    });

    it('refuses a class', () => {
      const declare = () => {
        @decorator
        class VideoService {}
        return VideoService;
      };

      expectMisuse(declare, name, 'VideoService');
    });
  });

  it('refuses @Resilient without its options', () => {
    const bare = Resilient as any;
    const declare = () => {
      class VideoService {
        @bare
        async download(): Promise<void> {}
      }
      return VideoService;
    };

    const error = errorOf(declare);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain('@Resilient');
    expect((error as Error).message).toContain('download');
  });

  it.each([
    ['a string', 'download'],
    ['a number', 3],
    ['null', null],
    ['a list', []],
    ['a function', () => undefined],
  ])('refuses %s in the place of options', (_what, options) => {
    const factory: any = CircuitBreaker;
    const declare = () => {
      class VideoService {
        @factory(options)
        async download(): Promise<void> {}
      }
      return VideoService;
    };

    const error = errorOf(declare);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain('@CircuitBreaker');
  });
}
