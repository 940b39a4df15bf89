import { CircuitBreaker, OperationConflictError, Retry } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

export function namesOperations(): void {
  const declareVideoService = ({ breaker, backend }: Site, options: object = {}) => {
    class VideoService {
      @CircuitBreaker({ ...breaker, ...options })
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    return VideoService;
  };
  const declareAudioService = ({ breaker, backend }: Site, options: object = {}) => {
    class AudioService {
      @CircuitBreaker({ ...breaker, ...options })
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    return AudioService;
  };

  it('gives each method of a class its own operation', async () => {
    const site = new Site();
    const { breaker, backend, registry } = site;
    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker(breaker)
      async storagePath(id: string): Promise<string> {
        return `/videos/${id}`;
      }
    }
    const service = new VideoService();
    backend.fail();

    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) {
      await expect(service.download('a')).rejects.toBe(backend.error);
      await expect(service.storagePath('a')).resolves.toBe('/videos/a');
    }

    expect(registry.get('VideoService.download')?.state).toBe('open');
    expect(registry.get('VideoService.storagePath')?.state).toBe('closed');
    expect(site.names().sort()).toEqual(['VideoService.download', 'VideoService.storagePath']);
  });

  it('never lets two classes of one name share a breaker', async () => {
    const site = new Site();
    const [First, Second] = [declareVideoService(site), declareVideoService(site)];
    const [first, second] = [new First(), new Second()];
    await Promise.all([first.download('a'), second.download('b')]);
    site.backend.fail();

    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) {
      await expect(second.download('b')).rejects.toBe(site.backend.error);
    }

    expect(site.names()).toEqual(['VideoService.download', 'VideoService.download#2']);
    expect(site.registry.get('VideoService.download')?.state).toBe('closed');
    expect(site.registry.get('VideoService.download#2')?.state).toBe('open');
  });

  it('never lets a static method share the breaker of its namesake', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker(breaker)
      static async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }

    await new VideoService().download('a');
    await VideoService.download('b');

    expect(site.names().sort()).toEqual(['VideoService.download', 'VideoService.download#2']);
  });

  it.each(['__proto__', 'constructor', 'a.b*c', ' '])('takes the name %j as it is given', async (name) => {
    const site = new Site();
    const VideoService = declareVideoService(site, { name });

    await new VideoService().download('a');

    expect(site.names()).toEqual([name]);
    expect(site.registry.get(name)?.stats.successes).toBe(1);
  });

  it('shares one breaker between two methods of one explicit name', async () => {
    const site = new Site();
    const video = new (declareVideoService(site, { name: 'media.download' }))();
    const audio = new (declareAudioService(site, { name: 'media.download' }))();
    site.backend.fail();

    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) {
      await expect(video.download('a')).rejects.toBe(site.backend.error);
    }

    await expect(audio.download('a')).rejects.toMatchObject({ operation: 'media.download' });
    expect(site.names()).toEqual(['media.download']);
  });

  it('refuses one explicit name with different options, and leaves the first site working', async () => {
    const site = new Site();
    const video = new (declareVideoService(site, { name: 'media.download' }))();

    expect(() => new (declareAudioService(site, { name: 'media.download', failureThreshold: 9 }))()).toThrow(
      OperationConflictError,
    );
    expect(() => new (declareAudioService(site, { name: 'media.download', failureThreshold: 9 }))()).toThrow(
      'media.download',
    );

    await expect(video.download('a')).resolves.toBe('video a');
    expect(site.names()).toEqual(['media.download']);
  });

  it('refuses an explicit name that another site holds as its derived one', async () => {
    const site = new Site();
    await new (declareVideoService(site))().download('a');

    expect(() => new (declareAudioService(site, { name: 'VideoService.download' }))()).toThrow(OperationConflictError);
    expect(site.names()).toEqual(['VideoService.download']);
  });

  it('numbers a derived name that meets an explicit one', async () => {
    const site = new Site();
    await new (declareAudioService(site, { name: 'VideoService.download' }))().download('a');

    await new (declareVideoService(site))().download('b');

    expect(site.names()).toEqual(['VideoService.download', 'VideoService.download#2']);
  });

  it('registers a method that is only retried, with a breaker that counts and never opens', async () => {
    const { retry, backend, registry } = new Site();
    class VideoService {
      @Retry({ ...retry, maxAttempts: 20 })
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    backend.fail();

    await expect(new VideoService().download('a')).rejects.toBe(backend.error);

    expect(registry.get('VideoService.download')).toMatchObject({ state: 'closed', failureCount: 20 });
  });

  it('names a class’s operations as its static `operationName` says, and those of a subclass by its own', async () => {
    const site = new Site();
    const { breaker } = site;
    class A {
      static operationName = 'VideoService';

      @CircuitBreaker(breaker)
      async download(): Promise<void> {}

      @CircuitBreaker(breaker)
      async inherited(): Promise<void> {}
    }
    class AudioService extends A {
      @CircuitBreaker(breaker)
      override async download(): Promise<void> {}
    }
    class Odd {
      static operationName = 5;

      @CircuitBreaker(breaker)
      async download(): Promise<void> {}
    }
    await new A().download();
    await new AudioService().download();
    await new AudioService().inherited();
    await new Odd().download();
    expect(site.names().sort()).toEqual(['AudioService.download', 'Odd.download', 'VideoService.download', 'VideoService.inherited']);
  });
}
