import { BreakerRegistry, CircuitBreaker, OperationConflictError, Retry, withBreaker, withRegistry, withRetry } from '../../lib';
import { configure } from '../../lib/operate';
import { errorOf } from '../support/decorator-fixtures/misuse';
import { collectGarbage } from './support/collect-garbage';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry();
});

/** An instance of a class with a method whose operation's name is known only when the class is there. */
function videoService(box = registry) {
  class VideoService {
    @CircuitBreaker({ registry: box, failureThreshold: 3 })
    async download(): Promise<string> {
      return 'video';
    }
  }
  return new VideoService();
}

describe('a decorated method that was not called yet', () => {
  it('is registered as soon as somebody looks for it', () => {
    const held = [videoService()];
    expect(registry.has('VideoService.download')).toBe(true);
    expect(held).toHaveLength(1);
  });

  it('is listed, and takes its place among operations that are', () => {
    const wrapped = withBreaker(async () => undefined, { name: 'first', registry });
    const held = [videoService(), videoService()];
    expect(registry.names()).toEqual(['first', 'VideoService.download', 'VideoService.download#2']);
    expect([held.length, wrapped.operation]).toEqual([2, 'first']);
  });

  it('is one operation, whether it is looked for or called first', async () => {
    const [looked, called] = [registry, new BreakerRegistry()];
    const [one, other] = [videoService(looked), videoService(called)];
    expect(looked.names()).toEqual(['VideoService.download']);
    await Promise.all([one.download(), other.download()]);
    expect([looked.names(), called.names()]).toEqual([['VideoService.download'], ['VideoService.download']]);
    expect([looked, called].map((box) => box.get('VideoService.download')!.stats.calls)).toEqual([1, 1]);
  });

  it('is not found before its name is known, and is not in the way of others', () => {
    let seen: unknown;
    const look = (): string => {
      seen = registry.names();
      return 'other';
    };
    withBreaker(async () => undefined, { name: 'there', registry });
    class VideoService {
      @CircuitBreaker({ registry })
      static async download(): Promise<void> {}

      @CircuitBreaker({ registry })
      static async [look()](): Promise<void> {}
    }
    expect(seen).toEqual(['there']);
    expect(registry.names().sort()).toEqual(['VideoService.download', 'VideoService.other', 'there']);
    expect(VideoService.name).toBe('VideoService');
  });

  it('is told of once, when it registers', () => {
    const registered: string[] = [];
    registry.on('register', ({ operation }) => registered.push(operation));
    const held = [videoService()];
    for (let n = 0; n < 3; n++) registry.names();
    expect(registered).toEqual(['VideoService.download']);
    expect(held).toHaveLength(1);
  });

  it('is configured and tripped like any other', () => {
    const held = [videoService()];
    configure(registry, 'VideoService.*', { failureThreshold: 1 });
    registry.trip('VideoService.download');
    expect(registry.get('VideoService.download')!.state).toBe('open');
    expect(held).toHaveLength(1);
  });

  it('is not registered when nobody holds its class any more', async () => {
    (() => videoService())();
    await collectGarbage(() => registry.size === 0);
    expect(registry.names()).toEqual([]);
  });
});

describe('a decorated method whose policies say more and more', () => {
  /** Declares it where `registry` is ambient. */
  const declare = (options: { name?: string }, other: BreakerRegistry) =>
    withRegistry(registry, () => {
      class VideoService {
        @Retry({ registry: other, maxAttempts: 1 })
        @CircuitBreaker({ ...options, failureThreshold: 2 })
        async download(): Promise<string> {
          return 'video';
        }
      }
      return new VideoService();
    });

  it.each([[{}, 'VideoService.download'], [{ name: 'videos.get' }, 'videos.get']])('is in the registry that one of them names alone: %p', async (options, name) => {
    const other = new BreakerRegistry();
    const service = declare(options, other);
    expect([registry.names(), other.names()]).toEqual([[], [name]]);
    await service.download();
    expect(other.get(name)!.stats.calls).toBe(1);
  });

  it('leaves an operation that it shared to the sites that are left', () => {
    const other = new BreakerRegistry();
    const wrapped = withBreaker(async () => undefined, { name: 'videos.get', registry, failureThreshold: 2 });
    const service = declare({ name: 'videos.get' }, other);
    expect([registry.names(), other.names()]).toEqual([['videos.get'], ['videos.get']]);
    expect(registry.get('videos.get')).toBe(wrapped.breaker);
    expect(service).toBeDefined();
  });

  it('has one operation, under the name that one of them gives', async () => {
    class VideoService {
      @Retry({ name: 'videos.get', maxAttempts: 1 })
      @CircuitBreaker({ registry })
      async download(): Promise<string> {
        return 'video';
      }
    }
    const service = new VideoService();
    expect(registry.names()).toEqual(['videos.get']);
    await service.download();
    expect(registry.get('videos.get')!.stats.calls).toBe(1);
  });

  it('leaves nothing behind when its name is taken', () => {
    const held = withBreaker(async function taken() {}, { registry });
    const declareTaken = () => {
      class VideoService {
        @Retry({ name: 'taken', maxAttempts: 1 })
        @CircuitBreaker({ name: 'taken', registry, failureThreshold: 2 })
        async download(): Promise<void> {}
      }
      return VideoService;
    };
    expect(errorOf(declareTaken)).toBeInstanceOf(OperationConflictError);
    expect(registry.names()).toEqual(['taken']);
    expect(registry.get('taken')).toBe(held.breaker);
  });
});

describe('a function that is protected again', () => {
  it('stays the operation that it was, with its breaker', () => {
    const inner = withBreaker(async function load() {}, { registry });
    const { breaker } = inner;
    const outer = withRetry(inner, { maxAttempts: 2 });
    expect(registry.names()).toEqual(['load']);
    expect([outer.breaker, inner.breaker]).toEqual([breaker, breaker]);
  });

  it('may be given the name that it has', () => {
    const inner = withBreaker(async function load() {}, { registry });
    const outer = withRetry(inner, { name: 'load', maxAttempts: 2 });
    expect([outer.operation, registry.names()]).toEqual(['load', ['load']]);
  });
});

it('a method whose class nobody has used yet has no breaker to show, and registers nothing', () => {
  class VideoService {
    @CircuitBreaker({ registry })
    async download(): Promise<void> {}
  }
  expect((VideoService.prototype.download as Partial<ReturnType<typeof withBreaker>>).breaker).toBeUndefined();
  expect(registry.names()).toEqual([]);
});
