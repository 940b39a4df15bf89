import { CircuitBreaker } from '../../../lib';
import { Site } from '../../support/decorator-fixtures/site';
import { namesOperations } from './shared/names';

describe('a legacy decorator', () => {
  namesOperations();

  // The syntax does not allow decorators in class expressions, but libraries apply decorators without the syntax.
  it('gives the methods of anonymous classes a label and a breaker each', async () => {
    const site = new Site();
    const { breaker, backend } = site;
    const declare = () => {
      const Anonymous = (() =>
        class {
          async download(id: string): Promise<string> {
            return backend.fetch(id);
          }
        })();
      const { prototype } = Anonymous;
      const descriptor = Object.getOwnPropertyDescriptor(prototype, 'download')!;
      CircuitBreaker(breaker)(prototype, 'download', descriptor);
      Object.defineProperty(prototype, 'download', descriptor);
      return new Anonymous();
    };
    const [first, second] = [declare(), declare()];

    await Promise.all([first.download('a'), second.download('b')]);

    const names = site.names();
    expect(names).toEqual([expect.stringContaining('download'), `${names[0]}#2`]);
  });
});
