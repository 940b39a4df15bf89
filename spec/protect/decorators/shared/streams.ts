import { CircuitBreaker, CircuitOpenError, Retry } from '../../../../lib';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const received: T[] = [];
  for await (const item of items) received.push(item);
  return received;
}

export function protectsStreams(): void {
  /** A service that streams `count` chunks and then, when told so, fails. */
  const createService = () => {
    const site = new Site();
    const { breaker, registry, backend } = site;
    class VideoService {
      started = 0;

      @CircuitBreaker(breaker)
      async *chunks(count: number): AsyncGenerator<number, string, number | undefined> {
        this.started++;
        for (let index = 0; index < count; index++) yield index;
        await backend.fetch('end');
        return 'done';
      }
    }
    const breakerOf = () => registry.get('VideoService.chunks')!;
    return { ...site, service: new VideoService(), breakerOf };
  };

  it('passes the items and the returned value on', async () => {
    const { service } = createService();
    const stream = service.chunks(2);

    await expect(stream.next()).resolves.toEqual({ value: 0, done: false });
    await expect(stream.next()).resolves.toEqual({ value: 1, done: false });
    await expect(stream.next()).resolves.toEqual({ value: 'done', done: true });
  });

  it('counts one success at the end of the stream', async () => {
    const { service, breakerOf } = createService();

    await expect(collect(service.chunks(3))).resolves.toEqual([0, 1, 2]);

    expect(breakerOf().stats).toMatchObject({ calls: 1, successes: 1 });
  });

  it('takes its permit at the first `next()`, not at the call', async () => {
    const { service, breakerOf } = createService();
    await collect(service.chunks(0));
    breakerOf().trip();

    const stream = service.chunks(1);

    expect(breakerOf().stats.rejected).toBe(0);
    await expect(stream.next()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(breakerOf().stats.rejected).toBe(1);
    expect(service.started).toBe(1);
  });

  it('opens after streams that throw, whatever they yielded before', async () => {
    const { service, backend, breakerOf } = createService();
    backend.fail();

    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) {
      await expect(collect(service.chunks(2))).rejects.toBe(backend.error);
    }

    expect(breakerOf().state).toBe('open');
    await expect(collect(service.chunks(2))).rejects.toBeInstanceOf(CircuitOpenError);
    expect(service.started).toBe(FAILURE_THRESHOLD);
  });

  it('counts a stream that its consumer leaves as a success', async () => {
    const { service, breakerOf } = createService();

    for await (const chunk of service.chunks(9)) if (chunk === 1) break;

    expect(breakerOf().stats).toMatchObject({ successes: 1, ignored: 0 });
  });

  it('ignores a stream that is left before its first item', async () => {
    const { service, breakerOf } = createService();
    const stream = service.chunks(9);

    await stream.return('left');
    await collect(service.chunks(0));

    expect(breakerOf().stats).toMatchObject({ calls: breakerOf().stats.ignored + 1, successes: 1, failures: 0 });
  });

  it('passes on what the consumer sends and throws into the stream', async () => {
    const { breaker } = new Site();
    class Conversation {
      @CircuitBreaker(breaker)
      async *talk(): AsyncGenerator<string, void, string> {
        let heard = 'nothing';
        for (;;) {
          try {
            heard = yield `heard ${heard}`;
          } catch (error) {
            heard = `a throw of ${String(error)}`;
          }
        }
      }
    }
    const conversation = new Conversation().talk();

    await expect(conversation.next()).resolves.toEqual({ value: 'heard nothing', done: false });
    await expect(conversation.next('hello')).resolves.toEqual({ value: 'heard hello', done: false });
    await expect(conversation.throw('a stone')).resolves.toEqual({ value: 'heard a throw of a stone', done: false });
    await expect(conversation.return()).resolves.toEqual({ value: undefined, done: true });
  });

  it('runs the cleanup of a stream that its consumer leaves', async () => {
    const { breaker } = new Site();
    const log: string[] = [];
    class VideoService {
      @CircuitBreaker(breaker)
      async *chunks(): AsyncGenerator<number, void, undefined> {
        try {
          yield 1;
          yield 2;
        } finally {
          log.push('closed');
        }
      }
    }

    for await (const chunk of new VideoService().chunks()) {
      log.push(`chunk ${chunk}`);
      break;
    }

    expect(log).toEqual(['chunk 1', 'closed']);
  });

  it('protects a method that returns an async iterable of its own making, told by `stream`', async () => {
    const { breaker, backend, registry } = new Site();
    class VideoService {
      @CircuitBreaker({ ...breaker, stream: true })
      chunks(id: string): AsyncIterable<string> {
        let answered = false;
        return {
          [Symbol.asyncIterator]: () => ({
            next: async () => {
              if (answered) return { value: undefined, done: true };
              answered = true;
              return { value: await backend.fetch(id), done: false };
            },
          }),
        };
      }
    }
    const service = new VideoService();

    await expect(collect(service.chunks('a'))).resolves.toEqual(['video a']);
    backend.fail();
    await expect(collect(service.chunks('a'))).rejects.toBe(backend.error);

    expect(registry.get('VideoService.chunks')?.stats).toMatchObject({ calls: 2, successes: 1, failures: 1 });
  });

  it('judges a promise of a stream when the promise resolves', async () => {
    const { breaker, registry } = new Site();
    async function* numbers() {
      yield 1;
      throw new Error('broken');
    }
    class VideoService {
      @CircuitBreaker(breaker)
      async open(): Promise<AsyncIterable<number>> {
        return numbers();
      }
    }

    const stream = await new VideoService().open();
    await expect(collect(stream)).rejects.toThrow('broken');

    expect(registry.get('VideoService.open')?.stats).toMatchObject({ successes: 1, failures: 0 });
  });

  describe('a retry', () => {
    const createRetried = (failAfter: number) => {
      const { retry, breaker } = new Site();
      const error = new Error('connection reset');
      class VideoService {
        started = 0;

        @Retry({ ...retry, maxAttempts: 3 })
        @CircuitBreaker(breaker)
        async *chunks(): AsyncGenerator<number, void, undefined> {
          this.started++;
          for (let index = 0; index < failAfter; index++) yield index;
          if (this.started < 3) throw error;
          yield failAfter;
        }
      }
      return { service: new VideoService(), error };
    };

    it('restarts a stream that failed before its first item', async () => {
      const { service } = createRetried(0);

      await expect(collect(service.chunks())).resolves.toEqual([0]);

      expect(service.started).toBe(3);
    });

    it('never restarts a stream that has yielded', async () => {
      const { service, error } = createRetried(1);

      await expect(collect(service.chunks())).rejects.toBe(error);

      expect(service.started).toBe(1);
    });
  });
}
