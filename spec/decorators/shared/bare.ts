import { CircuitBreaker, getPolicies, registry, Retry } from '../../../lib';
import { Backend } from '../../support/decorator-fixtures/site';

export function worksWithAndWithoutParentheses(): void {
  const backend = new Backend();

  class Bare {
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

  class Called {
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

  afterEach(() => {
    backend.recover();
    registry.reset();
  });
  // The next toolchain that runs this suite declares the same classes again.
  afterAll(() => {
    for (const name of [...registry.names()]) registry.delete(name);
  });

  describe.each([
    ['without parentheses', Bare],
    ['with empty parentheses', Called],
  ])('%s', (_how, Service) => {
    it('protects in the default registry', async () => {
      const service = new Service();

      await service.download('a');
      await Service.load('a');
      await service.upload('a');
      await service.convert('a');

      for (const member of ['download', 'load', 'upload', 'convert']) {
        expect(registry.get(`${Service.name}.${member}`)?.stats.successes).toBe(1);
      }
    });

    it('uses the default options', () => {
      expect(getPolicies(Service.prototype, 'download')).toMatchObject([
        { policy: 'breaker', options: { failureThreshold: 5, recoveryTimeout: 60_000 } },
      ]);
      expect(getPolicies(Service.prototype, 'convert')).toMatchObject([
        { policy: 'retry', options: { maxAttempts: 3, baseDelay: 1000, maxDelay: 300_000, exponentialBase: 2 } },
        { policy: 'breaker', options: { failureThreshold: 5 } },
      ]);
    });

    it('opens after the default five failures', async () => {
      const service = new Service();
      backend.fail();

      for (let failures = 0; failures < 5; failures++) {
        await expect(service.download('a')).rejects.toBe(backend.error);
      }

      await expect(service.download('a')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    });
  });
}
