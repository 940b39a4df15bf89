import { CircuitBreaker } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

async function failRepeatedly(call: () => Promise<unknown>): Promise<void> {
  for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) await expect(call()).rejects.toThrow();
}

export function inheritsOperations(): void {
  /** A decorated class, and subclasses that treat its method in every way. */
  const family = () => {
    const site = new Site();
    const { breaker, backend } = site;

    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker(breaker)
      static async load(id: string): Promise<string> {
        return `${await backend.fetch(id)} by ${this.name}`;
      }
    }
    class Inherits extends VideoService {}
    class InheritsToo extends VideoService {}
    class Overrides extends VideoService {
      @CircuitBreaker(breaker)
      override async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    class OverridesWithSuper extends VideoService {
      @CircuitBreaker(breaker)
      override async download(id: string): Promise<string> {
        return super.download(id);
      }
    }
    class OverridesUndecorated extends VideoService {
      override async download(id: string): Promise<string> {
        return super.download(id);
      }
    }
    class Grandchild extends Overrides {}

    const state = (name: string) => site.registry.get(name)?.state;
    return {
      ...site, site, state,
      VideoService, Inherits, InheritsToo, Overrides, OverridesWithSuper, OverridesUndecorated, Grandchild,
    };
  };

  it("shares the parent's operation when the method is inherited", async () => {
    const { Inherits, InheritsToo, VideoService, backend, state } = family();
    backend.fail();

    await failRepeatedly(() => new Inherits().download('a'));

    expect(state('VideoService.download')).toBe('open');
    await expect(new InheritsToo().download('a')).rejects.toMatchObject({ operation: 'VideoService.download' });
    await expect(new VideoService().download('a')).rejects.toMatchObject({ operation: 'VideoService.download' });
    expect(backend.requests).toHaveLength(FAILURE_THRESHOLD);
  });

  it('names the operation after the declaring class even when only a subclass is ever used', async () => {
    const { Grandchild, Inherits, site } = family();

    await new Inherits().download('a');
    await new Grandchild().download('b');

    expect(site.names()).toContain('VideoService.download');
    expect(site.names()).toContain('Overrides.download');
    expect(site.names()).not.toContain('Inherits.download');
    expect(site.names()).not.toContain('Grandchild.download');
  });

  it('gives an overriding, decorated method an operation of its own', async () => {
    const { Overrides, VideoService, backend, state } = family();
    backend.fail();

    await failRepeatedly(() => new Overrides().download('a'));
    backend.recover();

    expect(state('Overrides.download')).toBe('open');
    await expect(new VideoService().download('a')).resolves.toBe('video a');
    expect(state('VideoService.download')).toBe('closed');
  });

  it('counts in both operations when a decorated override calls its decorated parent', async () => {
    const { OverridesWithSuper, backend, registry } = family();
    backend.fail();

    await expect(new OverridesWithSuper().download('a')).rejects.toBe(backend.error);

    expect(registry.get('OverridesWithSuper.download')?.failureCount).toBe(1);
    expect(registry.get('VideoService.download')?.failureCount).toBe(1);
  });

  it("counts in the parent's operation alone when an undecorated override calls `super`", async () => {
    const { OverridesUndecorated, backend, registry, site } = family();
    backend.fail();

    await expect(new OverridesUndecorated().download('a')).rejects.toBe(backend.error);

    expect(registry.get('VideoService.download')?.failureCount).toBe(1);
    expect(site.names()).not.toContain('OverridesUndecorated.download');
  });

  it('shares the operation of an inherited static method and forwards the subclass', async () => {
    const { Inherits, VideoService, registry } = family();

    await expect(Inherits.load('a')).resolves.toBe('video a by Inherits');
    await expect(VideoService.load('b')).resolves.toBe('video b by VideoService');

    expect(registry.get('VideoService.load')?.stats.successes).toBe(2);
    expect(registry.has('Inherits.load')).toBe(false);
  });

  it('gives every class that a mixin makes an operation of its own', async () => {
    const site = new Site();
    const Downloading = <Base extends new (...args: any[]) => object>(base: Base) => {
      class Downloads extends base {
        @CircuitBreaker(site.breaker)
        async download(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      return Downloads;
    };
    const Video = Downloading(class {});
    const Audio = Downloading(class {});
    site.backend.fail();

    await failRepeatedly(() => new Video().download('a'));
    site.backend.recover();

    await expect(new Audio().download('b')).resolves.toBe('video b');
    expect(site.names()).toEqual(['Downloads.download', 'Downloads.download#2']);
  });
}
