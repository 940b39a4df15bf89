import { CircuitBreaker, CircuitOpenError, Retry } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

export function protectsStreamFields(): void {
  const declare = ({ breaker, retry, backend }: Site) => {
    class VideoService {
      constructor(readonly prefix: string) {}

      @Retry(retry)
      @CircuitBreaker(breaker)
      readonly chunks = async function* (this: VideoService, id: string): AsyncGenerator<string> {
        yield backend.fetch(`${this.prefix}/1/${id}`);
        yield backend.fetch(`${this.prefix}/2/${id}`);
      };
    }
    return VideoService;
  };

  const collect = async (stream: AsyncIterable<string>) => {
    const items: string[] = [];
    for await (const item of stream) items.push(item);
    return items;
  };

  it('streams what the generator of each instance yields', async () => {
    const site = new Site();
    const VideoService = declare(site);

    await expect(collect(new VideoService('one').chunks('a'))).resolves.toEqual(['video one/1/a', 'video one/2/a']);
    await expect(collect(new VideoService('two').chunks('a'))).resolves.toEqual(['video two/1/a', 'video two/2/a']);

    expect(site.names()).toEqual(['VideoService.chunks']);
    expect(site.registry.get('VideoService.chunks')?.stats).toMatchObject({ calls: 2, successes: 2 });
  });

  it('opens after streams that fail', async () => {
    const site = new Site();
    const { chunks } = new (declare(site))('one');
    const service = { prefix: 'one' } as never;
    site.backend.fail();

    while (site.registry.get('VideoService.chunks')?.state !== 'open') {
      await expect(collect(chunks.call(service, 'a'))).rejects.toBe(site.backend.error);
    }

    expect(site.backend.requests).toHaveLength(FAILURE_THRESHOLD);
    await expect(collect(chunks.call(service, 'a'))).rejects.toBeInstanceOf(CircuitOpenError);
  });
}
