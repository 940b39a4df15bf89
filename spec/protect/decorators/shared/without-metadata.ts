import { CircuitBreaker, getPolicies, Retry } from '../../../../lib';
import { SetMetadata, Tag } from '../../../support/decorator-fixtures/foreign-decorators';
import { Site } from '../../../support/decorator-fixtures/site';

export function worksWithoutReflectMetadata(): void {
  const hasReflectMetadata = () => 'defineMetadata' in Reflect;

  const native = Reflect.ownKeys(Reflect);
  afterEach(() => {
    for (const key of Reflect.ownKeys(Reflect)) if (!native.includes(key)) Reflect.deleteProperty(Reflect, key);
  });

  const declare = ({ retry, breaker, backend }: Site, foreign: any) => {
    class VideoController {
      @Retry(retry)
      @foreign
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    return VideoController;
  };

  it('protects, and tells its policies, where there is no reflect-metadata', async () => {
    const site = new Site();
    const VideoController = declare(site, Tag({ topic: 'videos' }));

    await expect(new VideoController().download('a')).resolves.toBe('video a');

    expect(hasReflectMetadata()).toBe(false);
    expect(site.names()).toEqual(['VideoController.download']);
    expect(VideoController.prototype.download).toHaveProperty('topic', 'videos');
    expect(getPolicies(VideoController.prototype, 'download')).toMatchObject([
      { policy: 'retry' },
      { policy: 'breaker' },
    ]);
  });

  it('carries metadata from the moment reflect-metadata is there', () => {
    expect(hasReflectMetadata()).toBe(false);
    const { prototype: early } = declare(new Site(), Tag({ topic: 'videos' }));
    jest.isolateModules(() => jest.requireActual('reflect-metadata'));
    expect(hasReflectMetadata()).toBe(true);

    const { prototype: late } = declare(new Site(), SetMetadata('path', '/videos'));

    expect(Reflect.getMetadata('path', late.download)).toBe('/videos');
    expect(Reflect.getMetadata(Symbol.for('breaker-box.policies'), late.download)).toEqual(
      getPolicies(late, 'download'),
    );
    expect(getPolicies(early, 'download')).toHaveLength(2);
  });
}
