import { CircuitBreaker, getPolicies, registry, Retry } from '../../../../lib';
import { Backend } from '../../../support/decorator-fixtures/site';

/** Each spec declares the classes anew, since the default registry is one for all of them. */
const declareBare = (backend: Backend) => {
  class VideoService {
    @CircuitBreaker
    async download(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @CircuitBreaker
    static async load(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @Retry
    async upload(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @Retry
    @CircuitBreaker
    async convert(id: string): Promise<string> {
      return backend.fetch(id);
    }
  }
  return VideoService;
};

const declareCalled = (backend: Backend) => {
  class VideoService {
    @CircuitBreaker()
    async download(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @CircuitBreaker()
    static async load(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @Retry()
    async upload(id: string): Promise<string> {
      return backend.fetch(id);
    }

    @Retry()
    @CircuitBreaker()
    async convert(id: string): Promise<string> {
      return backend.fetch(id);
    }
  }
  return VideoService;
};

export function worksWithAndWithoutParentheses(): void {
  beforeEach(() => {
    for (const name of registry.names()) registry.delete(name);
  });

  describe.each([
    ['without parentheses', declareBare],
    ['with empty parentheses', declareCalled],
  ])('%s', (_how, declare) => {
    it('protects in the default registry', async () => {
      const VideoService = declare(new Backend());
      const service = new VideoService();

      await service.download('a');
      await VideoService.load('a');
      await service.upload('a');
      await service.convert('a');

      for (const member of ['download', 'load', 'upload', 'convert']) {
        expect(registry.get(`VideoService.${member}`)?.stats.successes).toBe(1);
      }
    });

    it('uses the default options', () => {
      const { prototype } = declare(new Backend());

      expect(getPolicies(prototype, 'download')).toMatchObject([
        { policy: 'breaker', options: { failureThreshold: 5, recoveryTimeout: 60_000 } },
      ]);
      expect(getPolicies(prototype, 'convert')).toMatchObject([
        { policy: 'retry', options: { maxAttempts: 3, baseDelay: 1000, maxDelay: 300_000, exponentialBase: 2 } },
        { policy: 'breaker', options: { failureThreshold: 5 } },
      ]);
    });

    it('opens after the default five failures', async () => {
      const backend = new Backend();
      const service = new (declare(backend))();
      backend.fail();

      for (let failures = 0; failures < 5; failures++) {
        await expect(service.download('a')).rejects.toBe(backend.error);
      }

      await expect(service.download('a')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    });
  });
}
