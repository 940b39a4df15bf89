import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import {
  breakerOf,
  BreakerRegistry,
  currentCall,
  type CurrentCall,
  enableCallContext,
  withBreaker,
  withBreakerSync,
  withPolicies,
  withRetry,
} from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { reactions, TimerClock } from '../../support/timer-clock';
import { runs } from '../../support/runs';

const seenOperation = (): string | undefined => currentCall()?.operation;

const tick = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

// It cannot be disabled again, so that what holds before it is in a file of its own.
describe('the call context, once enabled', () => {
  let clock: TimerClock;
  let registry: BreakerRegistry;

  beforeAll(() => {
    enableCallContext();
    enableCallContext();
  });

  beforeEach(() => {
    clock = new TimerClock();
    registry = new BreakerRegistry({ clock });
  });

  /** A call that rests at an await before it goes on. */
  function resting(name: string, afterwards: () => unknown) {
    return withBreaker(
      async () => {
        await tick();
        return afterwards();
      },
      { name, registry },
    );
  }

  it('holds across awaits, and not outside of the call', async () => {
    const call = resting('a', seenOperation)();
    expect(currentCall()).toBeUndefined();
    expect(await call).toBe('a');
    expect(currentCall()).toBeUndefined();
  });

  it.each([
    ['a breaker', { breaker: {} }],
    ['a timeout', { timeout: '1h' }],
  ] as const)('holds across awaits under %s in every call, also those that nothing hinders', async (_what, policies) => {
    const call = withPolicies(
      async () => {
        await tick();
        return seenOperation();
      },
      { name: 'again', registry: new BreakerRegistry(), ...policies },
    );
    expect([await call(), await call(), await call()]).toEqual(['again', 'again', 'again']);
  });

  it('holds in timers, microtasks and callbacks that the call sets up', async () => {
    const seen: unknown[] = [];
    const emitter = new EventEmitter();
    await resting('a', () => {
      emitter.once('done', () => seen.push(seenOperation()));
      queueMicrotask(() => seen.push(seenOperation()));
      setTimeout(() => seen.push(seenOperation()), 0);
      return new Promise<void>((resolve) => {
        setImmediate(() => {
          seen.push(seenOperation());
          setTimeout(resolve, 1);
        });
      });
    })();
    // A listener runs where the event is emitted, as everywhere in Node.
    emitter.emit('done');
    expect(seen.filter((operation) => operation === 'a')).toHaveLength(3);
    expect(seen.at(-1)).toBeUndefined();
  });

  it('tells the attempt', async () => {
    const seen: unknown[] = [];
    const options = { maxAttempts: 3, baseDelay: 10, jitter: false, registry, name: 'retried' } as const;
    const retried = withRetry(async () => {
      await Promise.resolve();
      seen.push(currentCall()!.attempt);
      throw new Error('down');
    }, options);
    await rejectionOf(clock.until(retried()));
    expect(seen).toEqual([1, 2, 3]);
  });

  it('tells the deadline of a timeout, and is handed to the operations inside', async () => {
    const inner = resting('inner', () => currentCall()!.deadline);
    const outer = withPolicies(
      async () => {
        await tick();
        return [currentCall()!.deadline, await inner()];
      },
      { name: 'outer', timeout: 250, registry },
    );
    await clock.advance(1000);
    expect(await outer()).toEqual([1250, 1250]);
  });

  it('nests: after an inner call, the outer one is around again', async () => {
    const inner = resting('inner', seenOperation);
    const outer = resting('outer', async () => [seenOperation(), await inner(), seenOperation()]);
    expect(await outer()).toEqual(['outer', 'inner', 'outer']);
  });

  it('nests in breaker.execute and in synchronous wrappers', async () => {
    const sync = withBreakerSync(seenOperation, { name: 'sync', registry });
    const outer = resting('outer', async () => {
      const executed = await breakerOf('execute', undefined, registry).execute(async () => {
        await tick();
        return [seenOperation(), sync(), seenOperation()];
      });
      return [...executed, seenOperation()];
    });
    expect(await outer()).toEqual(['execute', 'sync', 'execute', 'outer']);
  });

  it('hands the signal of a call to those made after an await, and aborts them', async () => {
    const controller = new AbortController();
    const reason = new Error('left');
    let seen: AbortSignal | undefined;
    const inner = withRetry(
      async () => {
        seen = currentCall()!.signal;
        throw new Error('down');
      },
      { name: 'inner', baseDelay: 1000, registry },
    );
    const outer = withRetry(
      async () => {
        await tick();
        return inner();
      },
      { name: 'outer', signal: controller.signal, registry },
    );
    const call = rejectionOf(outer());
    await tick();
    await reactions();
    expect(clock.armed).toBe(1);
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect(seen!.aborted).toBe(true);
    expect(clock.armed).toBe(0);
  });

  describe('of streams', () => {
    async function* numbers(this: void) {
      for (let n = 0; n < 3; n++) {
        const before = seenOperation();
        await tick();
        yield [before, seenOperation()];
      }
    }

    it('is the stream’s own in every step, whatever call its consumer is in', async () => {
      const stream = withBreaker(numbers, { name: 'numbers', registry });
      const steps = stream();
      const seen: unknown[] = [];
      for (const name of ['a', 'b', 'c']) {
        await resting(name, async () => {
          const item = await steps.next();
          seen.push(item.value, seenOperation());
        })();
      }
      expect(seen).toEqual([['numbers', 'numbers'], 'a', ['numbers', 'numbers'], 'b', ['numbers', 'numbers'], 'c']);
      expect((await steps.next()).done).toBe(true);
    });

    it('is the stream’s own while it is closed, or thrown into', async () => {
      const seen: unknown[] = [];
      async function* guarded() {
        try {
          yield 1;
          yield 2;
        } catch {
          seen.push(['caught', seenOperation()]);
          yield 3;
        } finally {
          await tick();
          seen.push(['closed', seenOperation()]);
        }
      }
      const stream = withBreaker(guarded, { name: 'guarded', registry });
      for await (const _item of stream()) break;
      const steps = stream();
      await steps.next();
      await steps.throw!(new Error('injected'));
      await steps.return!();
      expect(seen).toEqual([['closed', 'guarded'], ['caught', 'guarded'], ['closed', 'guarded']]);
    });

    it('of nested operations inherits what ends the stream', async () => {
      const inner = resting('inner', () => currentCall()!.signal);
      const stream = withBreaker(
        async function* () {
          yield await inner();
          yield await inner();
        },
        { name: 'stream', registry },
      );
      const signals: unknown[] = [];
      for await (const signal of stream()) signals.push(signal);
      expect(signals).toEqual([expect.any(AbortSignal), expect.any(AbortSignal)]);
      expect(signals[0]).toBe(signals[1]);
    });
  });

  it('does not mix calls that run side by side, in whatever order they go on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.nat(3), { minLength: 2, maxLength: 6 }), async (scheduler, depths) => {
        const names = new BreakerRegistry({ clock });
        const nested = (name: string, depth: number): (() => Promise<void>) =>
          withBreaker(
            async () => {
              for (let step = 0; step < 2; step++) {
                await scheduler.schedule(Promise.resolve(), name);
                expect(seenOperation()).toBe(name);
                if (step === 0 && depth > 0) await nested(`${name}.${depth}`, depth - 1)();
              }
            },
            { name, registry: names },
          );
        const calls = depths.map((depth, n) => nested(`call${n}`, depth)());
        await scheduler.waitFor(Promise.all(calls));
        expect(currentCall()).toBeUndefined();
      }),
      { numRuns: runs(50) },
    );
  });

  describe('of a call that has finished', () => {
    /** Work that a call leaves behind: it goes on when it is told to. */
    function leavesBehind<T>(name: string, work: () => Promise<T>, policies: object) {
      let goOn = (): void => undefined;
      let left: Promise<T> | undefined;
      const call = withPolicies(
        async () => {
          left = new Promise<void>((resolve) => { goOn = resolve; }).then(work);
        },
        { name, registry, ...policies },
      );
      return {
        call,
        async rest(): Promise<T> {
          goOn();
          return clock.until(left!);
        },
      };
    }

    const works = () => withBreaker(async () => seenOperation(), { name: 'inner', registry });

    it('does not abort what it left behind when its caller’s signal is aborted afterwards', async () => {
      const controller = new AbortController();
      const { call, rest } = leavesBehind('outer', works(), { retry: { signal: controller.signal } });
      await call();
      controller.abort(new Error('left'));
      expect(await rest()).toBe('inner');
    });

    it('does not hold what it left behind to its deadline', async () => {
      let failures = 0;
      const inner = withRetry(
        async () => {
          if (++failures < 3) throw new Error('down');
          return currentCall()!.deadline;
        },
        { name: 'inner', baseDelay: 5000, jitter: false, registry },
      );
      const { call, rest } = leavesBehind('outer', inner, { timeout: 100 });
      await call();
      await clock.advance(1000);
      expect(await rest()).toBeUndefined();
      expect(failures).toBe(3);
      expect(clock.armed).toBe(0);
    });

    it('is still what currentCall tells', async () => {
      let seen: CurrentCall | undefined;
      const { call, rest } = leavesBehind('outer', async () => { seen = currentCall(); }, { breaker: {} });
      await call();
      await rest();
      expect(seen!.operation).toBe('outer');
    });
  });
});
