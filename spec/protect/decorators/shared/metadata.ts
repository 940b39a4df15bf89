import { CircuitBreaker, getPolicies, Retry } from '../../../../lib';
// After the library, on purpose: it has to notice `Reflect` metadata when it decorates, not when it is loaded.
import 'reflect-metadata';
import { Capture, SetMetadata } from '../../../support/decorator-fixtures/foreign-decorators';
import { Site } from '../../../support/decorator-fixtures/site';

type Method = (this: unknown, ...args: any[]) => unknown;

const POLICIES = Symbol.for('breaker-box.policies');

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

export function carriesMetadata(): void {
  let warnings: jest.SpyInstance;
  beforeEach(() => {
    // A breaker over a retry warns; it is one of the orders tried here.
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
  });
  afterEach(() => {
    warnings.mockRestore();
  });

  const decorators: Record<string, (site: Site) => any> = {
    '@Roles': () => SetMetadata('roles', ['admin']),
    '@Path': () => SetMetadata('path', '/videos'),
    '@CircuitBreaker': ({ breaker }) => CircuitBreaker(breaker),
    '@Retry': ({ retry }) => Retry(retry),
  };

  const declare = (site: Site, order: string[]) => {
    const [first, second, third, fourth] = order.map((name) => decorators[name]!(site));
    class VideoController {
      @first
      @second
      @third
      @fourth
      async download(id: string): Promise<string> {
        return site.backend.fetch(id);
      }
    }
    return VideoController;
  };

  it.each(permutations(Object.keys(decorators)).map((order) => [order.join(' '), order] as const))(
    'keeps the metadata of other decorators: %s',
    async (_title, order) => {
      const { download } = declare(new Site(), order).prototype;

      expect(Reflect.getMetadata('roles', download)).toEqual(['admin']);
      expect(Reflect.getMetadata('path', download)).toBe('/videos');
      await expect(download('a')).resolves.toBe('video a');
    },
  );

  it('copies what was there before it as own metadata', () => {
    const { download } = declare(new Site(), ['@CircuitBreaker', '@Retry', '@Roles', '@Path']).prototype;

    expect(Reflect.getOwnMetadataKeys(download)).toEqual(expect.arrayContaining(['roles', 'path']));
  });

  it('lets the outermost of two values for one key win, as without it', () => {
    const { breaker } = new Site();
    class VideoController {
      @SetMetadata('roles', ['admin'])
      @CircuitBreaker(breaker)
      @SetMetadata('roles', ['guest'])
      async download(): Promise<void> {}
    }

    expect(Reflect.getMetadata('roles', VideoController.prototype.download)).toEqual(['admin']);
  });

  it('takes metadata that is defined later, on the wrapper', () => {
    const originals: Method[] = [];
    const { breaker } = new Site();
    class VideoController {
      @CircuitBreaker(breaker)
      @Capture(originals)
      async download(): Promise<void> {}
    }
    const { download } = VideoController.prototype;

    Reflect.defineMetadata('version', 2, download);

    expect(Reflect.getMetadata('version', download)).toBe(2);
    expect(Reflect.hasMetadata('version', originals[0]!)).toBe(false);
  });

  it('shows metadata that is defined later on the method it wraps', () => {
    const originals: Method[] = [];
    const { breaker } = new Site();
    class VideoController {
      @CircuitBreaker(breaker)
      @Capture(originals)
      async download(): Promise<void> {}
    }

    Reflect.defineMetadata('version', 2, originals[0]!);

    expect(Reflect.getMetadata('version', VideoController.prototype.download)).toBe(2);
  });

  it('has what is attached later to the method it wraps', () => {
    const originals: Method[] = [];
    const { breaker } = new Site();
    class VideoController {
      @CircuitBreaker(breaker)
      @Capture(originals)
      async download(): Promise<void> {}
    }

    Object.assign(originals[0]!, { route: '/videos' });

    expect(VideoController.prototype.download).toHaveProperty('route', '/videos');
  });

  it('leaves the metadata of the class and of its members alone', () => {
    const { breaker } = new Site();
    class VideoController {
      @CircuitBreaker(breaker)
      async download(): Promise<void> {}
    }
    Reflect.defineMetadata('path', '/videos', VideoController);
    Reflect.defineMetadata('summary', 'downloads a video', VideoController.prototype, 'download');

    expect(Reflect.getMetadataKeys(VideoController)).toEqual(['path']);
    expect(Reflect.getMetadata('summary', VideoController.prototype, 'download')).toBe('downloads a video');
  });

  it('publishes the policies of the whole stack', () => {
    const { prototype } = declare(new Site(), ['@Path', '@Retry', '@CircuitBreaker', '@Roles']);

    const published = Reflect.getMetadata(POLICIES, prototype.download);

    expect(published).toMatchObject([{ policy: 'retry' }, { policy: 'breaker' }]);
    expect(published).toEqual(getPolicies(prototype, 'download'));
  });

  it('publishes nothing for a method without policies', () => {
    class VideoController {
      @SetMetadata('path', '/videos')
      async download(): Promise<void> {}
    }

    expect(Reflect.hasMetadata(POLICIES, VideoController.prototype.download)).toBe(false);
    expect(getPolicies(VideoController.prototype, 'download')).toEqual([]);
  });
}
