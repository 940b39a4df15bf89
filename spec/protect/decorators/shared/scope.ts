import { CircuitBreaker } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

export function scopesBreakers(): void {
  const declare = ({ breaker, backend }: Site) => {
    class VideoService {
      @CircuitBreaker({ ...breaker, scope: 'instance' })
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }

      @CircuitBreaker({ ...breaker, key: (host: string) => host })
      async downloadFrom(_host: string, id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    return VideoService;
  };

  const failRepeatedly = async ({ backend }: Site, call: () => Promise<unknown>) => {
    backend.fail();
    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) await expect(call()).rejects.toBe(backend.error);
    backend.recover();
  };

  it("gives each instance a breaker of its own with `scope: 'instance'`", async () => {
    const site = new Site();
    const VideoService = declare(site);
    const [one, two] = [new VideoService(), new VideoService()];

    await failRepeatedly(site, () => one.download('a'));

    await expect(one.download('a')).rejects.toMatchObject({ operation: 'VideoService.download' });
    await expect(two.download('a')).resolves.toBe('video a');
    expect(site.registry.has('VideoService.download')).toBe(true);
    expect(site.registry.get('VideoService.download')).toBeUndefined();
  });

  it('gives all detached calls one breaker, beside those of the instances', async () => {
    const site = new Site();
    const VideoService = declare(site);
    const instance = new VideoService();
    const { download } = instance;
    await instance.download('a');

    await failRepeatedly(site, () => download('a'));

    const { download: detachedAgain } = new VideoService();
    await expect(detachedAgain('a')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
    await expect(instance.download('a')).resolves.toBe('video a');
  });

  it('gives each key a breaker of its own, whatever the instance', async () => {
    const site = new Site();
    const VideoService = declare(site);
    const [one, two] = [new VideoService(), new VideoService()];

    await failRepeatedly(site, () => one.downloadFrom('a.example', '1'));

    await expect(two.downloadFrom('a.example', '1')).rejects.toMatchObject({
      operation: 'VideoService.downloadFrom',
      key: 'a.example',
    });
    await expect(two.downloadFrom('b.example', '1')).resolves.toBe('video 1');
    expect(site.registry.keys('VideoService.downloadFrom').sort()).toEqual(['a.example', 'b.example']);
  });
}
