import { CircuitBreaker } from '../../../lib';
import { Site } from '../../support/decorator-fixtures/site';
import { namesOperations } from './shared/names';

describe('a TC39 decorator', () => {
  namesOperations();

  it('gives the methods of anonymous classes a label and a breaker each', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    const declare = () =>
      class {
        @CircuitBreaker(breaker)
        async download(id: string): Promise<string> {
          return backend.fetch(id);
        }
      };
    const [first, second] = [new (declare())(), new (declare())()];

    await Promise.all([first.download('a'), second.download('b')]);

    const names = site.names();
    expect(names).toEqual([expect.stringContaining('download'), `${names[0]}#2`]);
  });

  it('gives a private method one operation, whichever subclass is used first', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    class VideoService {
      find(id: string): Promise<string> {
        return this.#download(id);
      }

      @CircuitBreaker(breaker)
      async #download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    class HttpVideoService extends VideoService {}

    await new HttpVideoService().find('a');
    await new VideoService().find('b');

    expect(site.names()).toEqual([expect.stringContaining('#download')]);
    expect(site.registry.get(site.names()[0]!)?.stats.calls).toBe(2);
  });
});
