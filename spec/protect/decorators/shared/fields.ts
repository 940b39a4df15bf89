import { CircuitBreaker, CircuitOpenError, ConfigurationError, getPolicies, Resilient, Retry } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

export function protectsFields(): void {
  const declare = ({ breaker, backend }: Site) => {
    class VideoService {
      constructor(readonly prefix = '') {}

      @CircuitBreaker(breaker)
      readonly download = async (id: string): Promise<string> => backend.fetch(this.prefix + id);
    }
    return VideoService;
  };

  it('keeps its own instance as `this`, detached too', async () => {
    const VideoService = declare(new Site());
    const [{ download: one }, { download: two }] = [new VideoService('one/'), new VideoService('two/')];

    await expect(one('a')).resolves.toBe('video one/a');
    await expect(two('a')).resolves.toBe('video two/a');
  });

  it('is one operation for all instances', async () => {
    const site = new Site();
    const VideoService = declare(site);
    const services = Array.from({ length: FAILURE_THRESHOLD }, () => new VideoService());
    site.backend.fail();

    for (const service of services) await expect(service.download('a')).rejects.toBe(site.backend.error);

    await expect(new VideoService().download('a')).rejects.toBeInstanceOf(CircuitOpenError);
    expect(site.names()).toEqual(['VideoService.download']);
  });

  it('is one operation for the instances of subclasses too', async () => {
    const site = new Site();
    const VideoService = declare(site);
    class HttpVideoService extends VideoService {}

    await new HttpVideoService().download('a');
    await new VideoService().download('a');

    expect(site.names()).toHaveLength(1);
    expect(site.registry.get(site.names()[0]!)?.stats.calls).toBe(2);
  });

  it('is an own, writable property, as without the decorator', () => {
    const VideoService = declare(new Site());

    expect(Object.getOwnPropertyDescriptor(new VideoService(), 'download')).toMatchObject({
      enumerable: true,
      writable: true,
      configurable: true,
    });
  });

  it('keeps the name, the length and the own properties of the function', () => {
    const { breaker } = new Site();
    const original = Object.assign(async function fetchVideo(id: string): Promise<string> {
      return id;
    }, { topic: 'videos' });
    class VideoService {
      @CircuitBreaker(breaker)
      readonly download = original;
    }

    const { download } = new VideoService();

    expect(download).not.toBe(original);
    expect(download.name).toBe('fetchVideo');
    expect(download).toHaveLength(1);
    expect(Object.getOwnPropertyDescriptor(download, 'topic')?.value).toBe('videos');
  });

  it.each<[string, object, string]>([
    ['an unknown policy', { retries: {} }, 'retries'],
    ['a wrong option', { retry: { maxAttempts: 0 } }, 'retry.maxAttempts'],
  ])('is refused for %s alone, beside what only a stream could not have', (_what, wrong, path) => {
    const declareWrong = () => {
      class VideoService {
        @Resilient({ hedge: '1s', ...wrong })
        readonly download = async (id: string): Promise<string> => id;
      }
      return VideoService;
    };

    expect(declareWrong).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }));
  });

  // The standard runs the initializers of the top decorator first, so nesting in that order would turn a stack inside out.
  it('stacks: one pipeline, one operation, the top one outermost', async () => {
    const site = new Site();
    const { retry, breaker, backend } = site;
    const original = async (id: string): Promise<string> => backend.fetch(id);
    class VideoService {
      @Retry({ ...retry, maxAttempts: 2 })
      @CircuitBreaker(breaker)
      readonly download = original;
    }
    const { download } = new VideoService();
    backend.fail();

    await expect(download('a')).rejects.toBe(backend.error);

    expect(getPolicies(download).map(({ policy }) => policy)).toEqual(['retry', 'breaker']);
    expect(site.names()).toEqual(['VideoService.download']);
    expect(site.registry.get('VideoService.download')?.stats).toMatchObject({ calls: 2, failures: 2 });
  });

  const Foreign: any = () => (initial: () => unknown) => initial.bind(undefined);
  const Nothing: any = () => undefined;

  it.each([
    ['a stack', Nothing],
    ['a stack with a foreign decorator between', Foreign],
  ])('refuses two names in %s, and leaves neither behind', (_what, Between) => {
    const site = new Site();
    class VideoService {
      @Retry({ ...site.retry, name: 'media.retry' })
      @Between
      @CircuitBreaker({ ...site.breaker, name: 'media.download' })
      readonly download = async (id: string): Promise<string> => site.backend.fetch(id);
    }

    for (let attempts = 0; attempts < 2; attempts++) {
      expect(() => new VideoService()).toThrow(ConfigurationError);
      expect(site.names()).toEqual([]);
    }
  });
}
