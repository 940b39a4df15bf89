import { CircuitBreaker, ConfigurationError, registry as defaultRegistry, Resilient, Retry } from '../../../../lib';
import { Site } from '../../../support/decorator-fixtures/site';

type Factory = (options: any) => any;

/** Wrong options, with the paths that the error must list. */
const breakerCases: [options: object, paths: string[]][] = [
  [{ failureThreshold: 0 }, ['failureThreshold']],
  [{ failureThreshold: -1 }, ['failureThreshold']],
  [{ failureThreshold: 1.5 }, ['failureThreshold']],
  [{ failureThreshold: NaN }, ['failureThreshold']],
  [{ failureThreshold: '3' }, ['failureThreshold']],
  [{ failureThreshold: null }, ['failureThreshold']],
  [{ recoveryTimeout: 0 }, ['recoveryTimeout']],
  [{ recoveryTimeout: -1 }, ['recoveryTimeout']],
  [{ recoveryTimeout: NaN }, ['recoveryTimeout']],
  [{ recoveryTimeout: '60x' }, ['recoveryTimeout']],
  [{ recoveryTimeout: '' }, ['recoveryTimeout']],
  [{ handle: 'every' }, ['handle']],
  [{ scope: 'process' }, ['scope']],
  [{ window: { type: 'count', size: 0 } }, ['window.size']],
  [{ window: { type: 'count', size: 10, minimumCalls: 11 } }, ['window.minimumCalls']],
  [{ window: { type: 'count', size: 10, failureRate: 1.1 } }, ['window.failureRate']],
  [{ halfOpen: { maxCalls: 0 } }, ['halfOpen.maxCalls']],
  [{ failureThreshold: 0, recoveryTimeout: '60x', halfOpen: { maxCalls: NaN } },
    ['failureThreshold', 'recoveryTimeout', 'halfOpen.maxCalls']],
];

const retryCases: [options: object, paths: string[]][] = [
  [{ maxAttempts: 0 }, ['maxAttempts']],
  [{ maxAttempts: 2.5 }, ['maxAttempts']],
  [{ maxAttempts: NaN }, ['maxAttempts']],
  [{ baseDelay: -1 }, ['baseDelay']],
  [{ baseDelay: '1 fortnight' }, ['baseDelay']],
  [{ baseDelay: '10s', maxDelay: '1s' }, ['maxDelay']],
  [{ exponentialBase: 0.5 }, ['exponentialBase']],
  [{ jitter: 1.5 }, ['jitter']],
  [{ jitter: 'some' }, ['jitter']],
  [{ backoff: 'quadratic' }, ['backoff']],
  [{ waitForCircuit: true }, ['maxElapsed']],
  [{ maxAttempts: 0, baseDelay: -1, exponentialBase: 0 }, ['maxAttempts', 'baseDelay', 'exponentialBase']],
];

const resilientCases: [options: object, paths: string[]][] = [
  [{ retry: { maxAttempts: 0 }, breaker: { failureThreshold: 0 } }, ['retry.maxAttempts', 'breaker.failureThreshold']],
  [{ breaker: { failureThreshold: NaN, recoveryTimeout: null } }, ['breaker.failureThreshold', 'breaker.recoveryTimeout']],
];

/** @param subject - The member as this standard's errors name it. */
export function refusesBadOptions(subject: string): void {
  const declare = (site: Site, factory: Factory, options: object) => {
    class VideoService {
      @factory({ ...options, registry: site.registry })
      async download(id: string): Promise<string> {
        return site.backend.fetch(id);
      }
    }
    return VideoService;
  };

  const errorOf = (site: Site, factory: Factory, options: object): ConfigurationError => {
    try {
      declare(site, factory, options);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return error as ConfigurationError;
    }
    throw new Error('was accepted');
  };

  describe.each([
    ['@CircuitBreaker', CircuitBreaker as Factory, breakerCases],
    ['@Retry', Retry as Factory, retryCases],
    ['@Resilient', Resilient as Factory, resilientCases],
  ])('%s', (name, factory, cases) => {
    it.each(cases)('refuses %p, naming the member and every wrong option', (options, paths) => {
      const error = errorOf(new Site(), factory, options);

      expect(error.issues.map(({ path }) => path).sort()).toEqual([...paths].sort());
      expect(error.message).toContain(`${name} on ${subject}`);
      for (const path of paths) expect(error.message).toContain(path);
    });
  });

  it.each([
    ['@CircuitBreaker', CircuitBreaker as Factory, { failureTreshold: 3 }, 'failureThreshold'],
    ['@Retry', Retry as Factory, { maxAttempt: 3 }, 'maxAttempts'],
    ['@Resilient', Resilient as Factory, { retries: { maxAttempts: 3 } }, 'retry'],
    ['@Resilient', Resilient as Factory, { breaker: { recoverTimeout: '1s' } }, 'recoveryTimeout'],
  ])('%s suggests a name for an unknown option', (name, factory, options, suggestion) => {
    const error = errorOf(new Site(), factory, options);

    expect(error.message).toContain(`${name} on ${subject}`);
    expect(error.issues).toHaveLength(1);
    expect(error.issues[0]?.message).toMatch(new RegExp(`\\b${suggestion}\\b`));
  });

  it('names what cannot protect a stream beside all else that is wrong', () => {
    const declareStream = () => {
      class VideoService {
        @((Resilient as Factory)({ retries: {}, breaker: { failureThreshold: 0 }, hedge: '1s' }))
        async *download(): AsyncGenerator<string> {
          yield 'video';
        }
      }
      return VideoService;
    };

    expect(declareStream).toThrow(ConfigurationError);
    expect(declareStream).toThrow(/\n  - retries: .*\n  - breaker\.failureThreshold: .*\n  - hedge: a stream cannot be hedged/);
  });

  it('tells what was received', () => {
    const error = errorOf(new Site(), CircuitBreaker as Factory, { failureThreshold: -7 });

    expect(error.issues).toEqual([{ path: 'failureThreshold', message: expect.any(String), received: -7 }]);
    expect(error.message).toContain('-7');
  });

  it('takes `undefined` for the default', async () => {
    const site = new Site();
    const VideoService = declare(site, CircuitBreaker, { failureThreshold: undefined, recoveryTimeout: undefined });

    await expect(new VideoService().download('a')).resolves.toBe('video a');
  });

  it('validates when it is applied, not in the factory call', () => {
    expect(() => (CircuitBreaker as Factory)({ failureThreshold: 0 })).not.toThrow();
    expect(() => (Retry as Factory)({ maxAttempts: 0 })).not.toThrow();
    expect(() => (Resilient as Factory)({ retry: { maxAttempts: 0 } })).not.toThrow();
  });

  it('leaves no name behind, so that the corrected class gets it', async () => {
    const site = new Site();
    errorOf(site, CircuitBreaker as Factory, { failureThreshold: 0 });
    expect(site.names()).toEqual([]);

    const VideoService = declare(site, CircuitBreaker, { failureThreshold: 1 });
    await new VideoService().download('a');

    expect(site.names()).toEqual(['VideoService.download']);
  });

  it.each([
    ['an explicit', { name: 'media.download' }, 'media.download'],
    ['a derived', {}, 'VideoService.download'],
  ])('leaves %s name free when only the outer one of two decorators is wrong', async (_which, naming, name) => {
    const site = new Site();
    const { breaker, retry, backend } = site;
    const declareStack = (options: object) => {
      class VideoService {
        @Retry({ ...retry, ...options })
        @CircuitBreaker({ ...breaker, ...naming })
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      }
      return VideoService;
    };

    expect(() => declareStack({ maxAttempts: 0 })).toThrow(ConfigurationError);
    expect(site.names()).toEqual([]);

    const VideoService = declareStack({ maxAttempts: 1 });
    await expect(new VideoService().download('a')).resolves.toBe('video a');
    expect(site.names()).toEqual([name]);
  });

  it('never changes the options it is given', async () => {
    const site = new Site();
    const { registry, backend } = site;
    const options = Object.freeze({ registry, window: Object.freeze({ type: 'count', size: 10 } as const) });
    class VideoService {
      @CircuitBreaker(options)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }

    await new VideoService().download('a');

    expect(options).toEqual({ registry, window: { type: 'count', size: 10 } });
  });

  it('keeps the state of two methods apart that share one options object', async () => {
    const { breaker, backend, registry } = new Site();
    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker(breaker)
      async upload(id: string): Promise<string> {
        return id;
      }
    }
    const service = new VideoService();
    await service.upload('a');
    backend.fail();

    await expect(service.download('a')).rejects.toBe(backend.error);

    expect(registry.get('VideoService.download')?.failureCount).toBe(1);
    expect(registry.get('VideoService.upload')?.failureCount).toBe(0);
  });

  it('a registry that only the upper decorator names is where the whole stack lives', async () => {
    const { registry } = new Site();
    class Videos {
      @Retry({ registry })
      @CircuitBreaker({ failureThreshold: 2 })
      async stream(): Promise<string> {
        return 'item';
      }
    }
    expect(await new Videos().stream()).toBe('item');
    expect(registry.get('Videos.stream')?.stats.calls).toBe(1);
    expect(defaultRegistry.has('Videos.stream')).toBe(false);
  });
}
