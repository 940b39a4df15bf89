import { CircuitBreaker, CircuitOpenError, ConfigurationError, getPolicies, Resilient, Retry } from '../../../../lib';
import { Trace } from '../../../support/decorator-fixtures/foreign-decorators';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

const policyNames = (prototype: object, method: string) =>
  getPolicies(prototype, method).map(({ policy }) => policy);

export function stacksDecorators(): void {
  let warnings: jest.SpyInstance;
  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
  });
  afterEach(() => {
    warnings.mockRestore();
  });

  describe('rule 25: a retry over a breaker', () => {
    const declare = (site: Site) => {
      class VideoService {
        @Retry({ ...site.retry, maxAttempts: 2 })
        @CircuitBreaker(site.breaker)
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      return { VideoService, service: new VideoService() };
    };

    it('is one pipeline, in the order written', () => {
      const { VideoService } = declare(new Site());

      expect(policyNames(VideoService.prototype, 'download')).toEqual(['retry', 'breaker']);
      expect(getPolicies(VideoService.prototype.download)).toEqual(getPolicies(VideoService.prototype, 'download'));
    });

    it('is one operation', async () => {
      const site = new Site();
      await declare(site).service.download('a');

      expect(site.names()).toEqual(['VideoService.download']);
    });

    it('counts every attempt in the breaker', async () => {
      const site = new Site();
      const { service } = declare(site);
      site.backend.fail();

      await expect(service.download('a')).rejects.toBe(site.backend.error);

      expect(site.registry.get('VideoService.download')?.failureCount).toBe(2);
      expect(site.registry.get('VideoService.download')?.stats.calls).toBe(2);
    });

    it('stops retrying, with the original error, when the circuit opens during the call', async () => {
      const site = new Site();
      const { service } = declare(site);
      site.backend.fail();
      await expect(service.download('a')).rejects.toBe(site.backend.error);

      await expect(service.download('b')).rejects.toBe(site.backend.error);

      expect(site.backend.requests).toEqual(['a', 'a', 'b']);
      expect(site.registry.get('VideoService.download')?.state).toBe('open');
      await expect(service.download('c')).rejects.toBeInstanceOf(CircuitOpenError);
      expect(site.backend.requests).toHaveLength(FAILURE_THRESHOLD);
    });

    it('needs no warning', async () => {
      await declare(new Site()).service.download('a');

      expect(warnings).not.toHaveBeenCalled();
    });
  });

  describe('rule 25: a breaker over a retry', () => {
    const declare = (site: Site) => {
      class VideoService {
        @CircuitBreaker(site.breaker)
        @Retry({ ...site.retry, maxAttempts: 4 })
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      return { VideoService, service: new VideoService() };
    };

    it('is one pipeline, in the order written', () => {
      const { VideoService } = declare(new Site());

      expect(policyNames(VideoService.prototype, 'download')).toEqual(['breaker', 'retry']);
    });

    it('shows the breaker one outcome a call, whatever the number of attempts', async () => {
      const site = new Site();
      const { service } = declare(site);
      site.backend.fail();

      await expect(service.download('a')).rejects.toBe(site.backend.error);

      expect(site.backend.requests).toHaveLength(4);
      expect(site.registry.get('VideoService.download')?.failureCount).toBe(1);
      expect(site.registry.get('VideoService.download')?.stats.calls).toBe(1);
    });

    describe('rule 26: an order that hurts', () => {
      it('warns once that the breaker sees one outcome a call', async () => {
        const { service } = declare(new Site());

        await service.download('a');
        await service.download('b');

        expect(warnings).toHaveBeenCalledTimes(1);
        expect(warnings.mock.calls[0]?.[0]).toMatch(/retry/i);
      });
    });
  });

  describe('@Resilient', () => {
    it('nests its policies in the canonical order, whatever the order of its keys', () => {
      const { registry } = new Site();
      class VideoService {
        @Resilient({ registry, breaker: {}, retry: {} })
        async download(): Promise<void> {}

        @Resilient({ retry: {}, breaker: {}, registry })
        async upload(): Promise<void> {}
      }

      expect(policyNames(VideoService.prototype, 'download')).toEqual(['retry', 'breaker']);
      expect(policyNames(VideoService.prototype, 'upload')).toEqual(['retry', 'breaker']);
    });

    it('stacks with the others', async () => {
      const site = new Site();
      const { retry, breaker, backend, registry } = site;
      class VideoService {
        @Resilient({ registry, retry: { maxAttempts: 2, baseDelay: retry.baseDelay } })
        @CircuitBreaker(breaker)
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      backend.fail();

      await expect(new VideoService().download('a')).rejects.toBe(backend.error);

      expect(policyNames(VideoService.prototype, 'download')).toEqual(['retry', 'breaker']);
      expect(site.names()).toEqual(['VideoService.download']);
      expect(backend.requests).toHaveLength(2);
    });

    it('takes its name from the top level', async () => {
      const site = new Site();
      class VideoService {
        @Resilient({ name: 'media.download', registry: site.registry, breaker: {} })
        async download(): Promise<void> {}
      }

      await new VideoService().download();

      expect(site.names()).toEqual(['media.download']);
    });
  });

  it('puts no more between caller and method than one decorator of the same policies does', async () => {
    const { registry } = new Site();
    const depth = () => new Error().stack!.split('\n').length;
    class VideoService {
      @Retry({ registry })
      @CircuitBreaker({ registry })
      async stacked(): Promise<number> {
        return depth();
      }

      @Resilient({ registry, retry: {}, breaker: {} })
      async fused(): Promise<number> {
        return depth();
      }
    }
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = Infinity;
    try {
      const service = new VideoService();
      const [stacked, fused] = [service.stacked(), service.fused()];
      expect(await stacked).toBe(await fused);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  });

  describe('the name of a stack', () => {
    it.each([
      ['the outer decorator', { name: 'media.download' }, {}],
      ['the inner decorator', {}, { name: 'media.download' }],
      ['both decorators', { name: 'media.download' }, { name: 'media.download' }],
    ])('is the one that %s gives', async (_which, outer, inner) => {
      const site = new Site();
      class VideoService {
        @Retry({ ...site.retry, ...outer })
        @CircuitBreaker({ ...site.breaker, ...inner })
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }

      await new VideoService().download('a');

      expect(site.names()).toEqual(['media.download']);
    });

    it('must be one', () => {
      const site = new Site();
      const declare = () => {
        class VideoService {
          @Retry({ ...site.retry, name: 'media.retry' })
          @CircuitBreaker({ ...site.breaker, name: 'media.download' })
          async download(id: string): Promise<string> {
            return site.backend.fetch(id);
          }
        }
        return new VideoService();
      };

      expect(declare).toThrow(ConfigurationError);
      expect(declare).toThrow(/media\.retry/);
      expect(declare).toThrow(/media\.download/);
      expect(site.names()).toEqual([]);
    });
  });

  it.each([
    ['@CircuitBreaker', CircuitBreaker({ failureThreshold: 7 })],
    ['@Resilient with a breaker', Resilient({ breaker: { failureThreshold: 7 } })],
  ])('refuses a second breaker: %s', (_which, outer) => {
    const site = new Site();
    const declare = () => {
      class VideoService {
        @outer
        @CircuitBreaker(site.breaker)
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      return new VideoService();
    };

    expect(declare).toThrow(ConfigurationError);
    expect(declare).toThrow(/breaker/i);
    expect(site.names()).toEqual([]);
  });

  describe('around a decorator of somebody else', () => {
    const declare = (site: Site) => {
      const log: string[] = [];
      class VideoService {
        @Trace(log, 'outside')
        @Retry({ ...site.retry, maxAttempts: 2 })
        @Trace(log, 'between')
        @CircuitBreaker(site.breaker)
        @Trace(log, 'inside')
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      return { VideoService, service: new VideoService(), log };
    };

    it('keeps every decorator in its place', async () => {
      const site = new Site();
      const { service, log } = declare(site);
      site.backend.fail();

      await expect(service.download('a')).rejects.toBe(site.backend.error);

      expect(log).toEqual(['outside', 'between', 'inside', 'between', 'inside']);
    });

    it('is one operation, which counts each attempt once', async () => {
      const site = new Site();
      const { service } = declare(site);
      site.backend.fail();

      await expect(service.download('a')).rejects.toBe(site.backend.error);

      expect(site.names()).toEqual(['VideoService.download']);
      expect(site.registry.get('VideoService.download')?.stats).toMatchObject({ calls: 2, failures: 2 });
    });

    it('opens, and then runs nothing inside the breaker', async () => {
      const site = new Site();
      const { service, log } = declare(site);
      site.backend.fail();
      await expect(service.download('a')).rejects.toBe(site.backend.error);
      await expect(service.download('b')).rejects.toBe(site.backend.error);
      log.length = 0;

      await expect(service.download('c')).rejects.toBeInstanceOf(CircuitOpenError);

      expect(site.registry.get('VideoService.download')?.state).toBe('open');
      expect(log).toEqual(['outside', 'between']);
    });
  });
}
