import { CircuitBreaker, CircuitOpenError, Resilient, Retry } from '../../../../lib';
import { Capture, Tag } from '../../../support/decorator-fixtures/foreign-decorators';
import { Site } from '../../../support/decorator-fixtures/site';

type Method = (this: unknown, ...args: any[]) => unknown;

export function forwardsCalls(): void {
  const decorators = {
    CircuitBreaker: ({ breaker }: Site) => CircuitBreaker(breaker),
    Retry: ({ retry }: Site) => Retry(retry),
    Resilient: ({ registry }: Site) => Resilient({ registry, retry: {}, breaker: {} }),
  };

  describe.each(Object.entries(decorators))('@%s', (_name, decorator) => {
    const decorate = () => {
      const originals: Method[] = [];
      const tag = Symbol('tag');
      const protect = decorator(new Site());

      class Recorder {
        @protect
        @Tag({ topic: 'videos', [tag]: 7 })
        @Capture(originals)
        async record(this: unknown, first?: unknown, _second?: unknown, ..._rest: unknown[]) {
          // eslint-disable-next-line prefer-rest-params -- all that is passed, whatever is declared
          return { receiver: this, first, args: [...arguments] as unknown[] };
        }

        async undecorated(): Promise<void> {}
      }
      return { Recorder, tag, original: originals[0]!, protect };
    };

    it('forwards the receiver', async () => {
      const { Recorder } = decorate();
      const recorder = new Recorder();
      const stranger = {};

      expect((await recorder.record()).receiver).toBe(recorder);
      expect((await recorder.record.call(stranger)).receiver).toBe(stranger);
    });

    it('keeps each instance apart', async () => {
      const { Recorder } = decorate();
      const [one, two] = [new Recorder(), new Recorder()];

      const [first, second] = await Promise.all([one.record(), two.record()]);

      expect(first.receiver).toBe(one);
      expect(second.receiver).toBe(two);
    });

    it('works detached, with `this` undefined', async () => {
      const { record } = new (decorate().Recorder)();

      await expect(record('a')).resolves.toEqual({ receiver: undefined, first: 'a', args: ['a'] });
    });

    it('works detached before there is any instance', async () => {
      const { record } = decorate().Recorder.prototype;

      await expect(record('a')).resolves.toEqual({ receiver: undefined, first: 'a', args: ['a'] });
    });

    it.each([[[]], [[undefined]], [['a', { id: 1 }]], [[1, 2, 3, 4, 5]]])(
      'forwards the arguments %j and appends none',
      async (args: unknown[]) => {
        const { Recorder } = decorate();

        const { args: received } = await new Recorder().record(...args);

        expect(received).toHaveLength(args.length);
        received.forEach((argument, index) => expect(argument).toBe(args[index]));
      },
    );

    it('keeps the name and the length', () => {
      const { Recorder, original } = decorate();

      expect(Recorder.prototype.record).not.toBe(original);
      expect(Recorder.prototype.record).toHaveProperty('name', original.name);
      expect(Recorder.prototype.record).toHaveLength(original.length);
    });

    it("keeps the method's own properties", () => {
      const { Recorder, tag } = decorate();

      expect(Object.getOwnPropertyDescriptor(Recorder.prototype.record, 'topic')?.value).toBe('videos');
      expect(Object.getOwnPropertyDescriptor(Recorder.prototype.record, tag)?.value).toBe(7);
    });

    it('lets properties added to the method later show through', () => {
      const { Recorder, original } = decorate();

      Object.assign(original, { addedLater: true });

      expect(Recorder.prototype.record).toHaveProperty('addedLater', true);
    });

    it('leaves the property a method like any other', () => {
      const { prototype } = decorate().Recorder;
      const { value: _wrapper, ...decorated } = Object.getOwnPropertyDescriptor(prototype, 'record')!;
      const { value: _method, ...undecorated } = Object.getOwnPropertyDescriptor(prototype, 'undecorated')!;

      expect(decorated).toEqual(undecorated);
    });
  });

  it('turns a synchronous throw into a rejection', async () => {
    const { breaker, registry } = new Site();
    const error = new TypeError('no such id');
    class VideoService {
      @CircuitBreaker(breaker)
      download(): Promise<string> {
        throw error;
      }
    }

    await expect(new VideoService().download()).rejects.toBe(error);
    expect(registry.get('VideoService.download')?.stats.failures).toBe(1);
  });

  it('answers a rejected call with a rejected promise, not with a throw', async () => {
    const { breaker, registry, backend } = new Site();
    class VideoService {
      @CircuitBreaker(breaker)
      download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    const service = new VideoService();
    await service.download('a');
    registry.get('VideoService.download')?.trip();

    const answer = service.download('b');

    expect(answer).toBeInstanceOf(Promise);
    await expect(answer).rejects.toBeInstanceOf(CircuitOpenError);
  });

  it('works on an object that inherits from a decorated prototype without its constructor', async () => {
    const { breaker, backend, registry } = new Site();
    class VideoService {
      @CircuitBreaker(breaker)
      async download(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    const service = Object.create(VideoService.prototype) as VideoService;

    await expect(service.download('a')).resolves.toBe('video a');
    expect(registry.has('VideoService.download')).toBe(true);
  });
}
