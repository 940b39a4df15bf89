import { CircuitBreaker, getPolicies, Retry } from '../../../../lib';
import { behavesLikeAProtectedMember } from '../../../support/decorator-fixtures/member-case';
import { computedMembers } from '../../../support/decorator-fixtures/members-computed';
import { expectMisuse, forms } from '../../../support/decorator-fixtures/misuse';
import { Site } from '../../../support/decorator-fixtures/site';

/** Apart from the others, because Babel's legacy decorators know no computed names. */
export function decoratesComputedNames(): void {
  it.each(computedMembers)('protects $title', behavesLikeAProtectedMember);

  it.each(forms)('refuses a symbol-named getter: %s', (name, decorator) => {
    const symbol = Symbol('size');
    const declare = () => {
      class VideoService {
        @decorator
        get [symbol](): number {
          return 1;
        }
      }
      return VideoService;
    };

    expectMisuse(declare, name, 'size');
  });

  it('never lets a symbol share the breaker of the string that describes it', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    const symbol = Symbol('download');
    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker(breaker)
      async [symbol](id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    const service = new VideoService();

    await service.download('a');
    await service[symbol]('b');

    expect(site.names().sort()).toEqual(['VideoService.download', 'VideoService.download#2']);
  });

  it('tells the policies of static and of symbol-named methods too', () => {
    const { breaker, retry } = new Site();
    const symbol = Symbol('upload');
    class VideoService {
      @CircuitBreaker(breaker)
      static async load(): Promise<void> {}

      @Retry(retry)
      async [symbol](): Promise<void> {}
    }

    expect(getPolicies(VideoService, 'load')).toMatchObject([{ policy: 'breaker' }]);
    expect(getPolicies(VideoService.prototype, symbol)).toMatchObject([{ policy: 'retry' }]);
  });

  it('protects a method whose symbol has no description', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    const symbol = Symbol();
    class VideoService {
      @CircuitBreaker(breaker)
      async [symbol](id: string): Promise<string> {
        return backend.fetch(id);
      }
    }

    await expect(new VideoService()[symbol]('a')).resolves.toBe('video a');

    expect(site.names()).toEqual([expect.stringMatching(/^VideoService\./)]);
  });
}
