import { CircuitBreaker, CircuitOpenError, Resilient, Retry } from '../../../lib';
import 'reflect-metadata';
import { SetMetadata } from '../../support/decorator-fixtures/foreign-decorators';
import { Site } from '../../support/decorator-fixtures/site';

describe('a legacy decorator', () => {
  const undecorated = (backend: Site['backend']) => {
    class VideoService {
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    return VideoService.prototype;
  };

  it.each([
    ['@CircuitBreaker', CircuitBreaker],
    ['@CircuitBreaker()', CircuitBreaker()],
    ['@Retry', Retry],
    ['@Retry()', Retry()],
    ['@Resilient({ … })', Resilient({ breaker: {} })],
  ] as [string, MethodDecorator][])('%s changes the descriptor it is given, and returns it', (_name, decorator) => {
    const prototype = undecorated(new Site().backend);
    const descriptor = Object.getOwnPropertyDescriptor(prototype, 'download')!;
    const { value: original, ...attributes } = descriptor;

    const returned = decorator(prototype, 'download', descriptor);

    expect(returned).toBe(descriptor);
    expect(descriptor.value).not.toBe(original);
    expect(descriptor).toMatchObject(attributes);
  });

  it('works in a decorator that combines others and ignores what they return, as `applyDecorators` does', async () => {
    const { breaker, retry, backend, registry } = new Site();
    const applyDecorators =
      (...decorators: MethodDecorator[]): MethodDecorator =>
      (target, key, descriptor) => {
        for (const decorator of decorators) decorator(target, key, descriptor);
      };
    class VideoService {
      @applyDecorators(CircuitBreaker(breaker), SetMetadata('path', '/videos'), Retry(retry))
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    const service = new VideoService();
    await service.download('a');
    registry.get('VideoService.download')?.trip();

    await expect(service.download('b')).rejects.toBeInstanceOf(CircuitOpenError);
    expect(Reflect.getMetadata('path', service.download)).toBe('/videos');
  });

  it('leaves the types that the compiler emits where frameworks look for them', () => {
    const { breaker } = new Site();
    class VideoService {
      @CircuitBreaker(breaker)
      async download(_id: string, _retries: number): Promise<string> {
        return 'video';
      }
    }

    expect(Reflect.getMetadata('design:paramtypes', VideoService.prototype, 'download')).toEqual([String, Number]);
    expect(Reflect.getMetadata('design:returntype', VideoService.prototype, 'download')).toBe(Promise);
  });

  it('protects a method that a parameter decorator reads', async () => {
    const { breaker, backend } = new Site();
    const parameters: unknown[] = [];
    const Param = (target: object, key: string | symbol | undefined, index: number) => {
      parameters.push([target, key, index]);
    };
    class VideoService {
      @CircuitBreaker(breaker)
      async download(@Param id: string): Promise<string> {
        return backend.fetch(id);
      }
    }

    await expect(new VideoService().download('a')).resolves.toBe('video a');
    expect(parameters).toEqual([[VideoService.prototype, 'download', 0]]);
  });
});
