import {
  attemptsOf,
  breakerOf,
  type BreakerOptions,
  BreakerRegistry,
  currentCall,
  enableCallContext,
  OperationTimeoutError,
  type RetryOptions,
  withBreaker,
  withPolicies,
  withRetry,
} from '../../../lib';
import { ErrorRecoveryManager, FixedDelayStrategy } from '../../../lib/recovery';
import { Call, invoke, type Deadline } from '../../../lib/core/call';
import { fails, rejectionOf, scripted, works, type Step } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

/** Calls `fn` as a function would whose call must end by `limit`. */
function within<T>(limit: Deadline, fn: () => T): T {
  return invoke(fn, new Call('outer', undefined, undefined, 1, limit), undefined, []) as T;
}

describe('rule 22: the deadline of the calls around a retry', () => {
  let clock: TimerClock;
  let registry: BreakerRegistry;

  beforeEach(() => {
    clock = new TimerClock();
    registry = new BreakerRegistry({ clock });
  });

  afterEach(() => {
    expect(clock.armed).toBe(0);
  });

  const deadline = (atMs: number, by = clock): Deadline => ({ atMs, clock: by, operation: 'outer' });

  /** A retry that waits 100 ms each time. */
  function retried(options: RetryOptions, ...steps: Step[]) {
    const fn = scripted(...steps);
    const call = withRetry(fn, { baseDelay: 100, backoff: 'fixed', jitter: false, maxAttempts: 10, registry, ...options });
    return { fn, call };
  }

  it('lets a wait begin that ends with it, and none that would end past it; the original error is thrown', async () => {
    const last = new Error('third');
    const exact = retried({}, fails(), fails(), fails(last), works());
    expect(await rejectionOf(clock.until(within(deadline(200), exact.call)))).toBe(last);
    expect(exact.fn).toHaveBeenCalledTimes(3);
    expect(attemptsOf(last)).toBe(3);

    const { fn, call } = retried({}, fails());
    await rejectionOf(clock.until(within(deadline(200 + 199), call)));
    expect(fn).toHaveBeenCalledTimes(2);
    expect(clock.now()).toBe(300);
  });

  it('and maxElapsed: the earlier of both counts', async () => {
    const byOwn = retried({ maxElapsed: 100 }, fails());
    await rejectionOf(clock.until(within(deadline(1000), byOwn.call)));
    expect(byOwn.fn).toHaveBeenCalledTimes(2);

    const byOuter = retried({ maxElapsed: 1000 }, fails());
    await rejectionOf(clock.until(within(deadline(clock.now() + 100), byOuter.call)));
    expect(byOuter.fn).toHaveBeenCalledTimes(2);
  });

  it('is told by its own clock, whichever the retry has', async () => {
    const other = new TimerClock();
    await other.advance(7000);
    const { fn, call } = retried({}, fails());
    const running = within(deadline(7250, other), call);
    const both = rejectionOf(running);
    for (let n = 0; n < 30; n++) {
      await other.advance(10);
      await clock.advance(10);
    }
    await both;
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('bounds it no more once the work that had it has settled', async () => {
    const limit = { ...deadline(50) };
    const { fn, call } = retried({ maxAttempts: 4 }, fails());
    const running = within(limit, call);
    expect(fn).toHaveBeenCalledTimes(1);
    limit.atMs = Infinity;
    await rejectionOf(clock.until(running));
    expect(fn).toHaveBeenCalledTimes(4);
  });

  it('bounds the wait for a circuit', async () => {
    const breaker: BreakerOptions = { failureThreshold: 1, recoveryTimeout: 500 };
    const make = (fn: () => Promise<unknown>, name: string) =>
      withPolicies(fn, { name, breaker, retry: { waitForCircuit: true, maxElapsed: '1h', baseDelay: 10, jitter: false }, registry });
    const error = new Error('down');
    const inTime = make(scripted(fails(error), works('recovered')), 'in time');
    expect(await clock.until(within(deadline(500), inTime))).toBe('recovered');

    const tooLate = make(scripted(fails(error), works('recovered')), 'too late');
    const startedAtMs = clock.now();
    expect(await rejectionOf(clock.until(within(deadline(startedAtMs + 499), tooLate)))).toBe(error);
    expect(clock.now()).toBe(startedAtMs);
  });

  it('bounds the waits of an ErrorRecoveryManager', async () => {
    const error = new Error('down');
    const fn = scripted(fails(error));
    const retryStrategy = new FixedDelayStrategy({ maxAttempts: 9, baseDelay: 100, jitter: false });
    const manager = new ErrorRecoveryManager({ retryStrategy, clock });
    const running = within(deadline(250), () => manager.executeWithRetry(fn, { operationName: 'recovered' }));
    expect(await rejectionOf(clock.until(running))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(clock.now()).toBe(200);
  });

  it('is told to the function by currentCall', async () => {
    const inner = withBreaker(async () => currentCall()!.deadline, { name: 'inner', registry });
    expect(await within(deadline(70), inner)).toBe(70);
    expect(await inner()).toBeUndefined();
    expect(await within(deadline(80), () => breakerOf('execute', undefined, registry).execute(() => currentCall()!.deadline))).toBe(80);
  });

  it('is that of a stream which is begun inside it', async () => {
    const stream = withBreaker(async function* () { yield currentCall()!.deadline; }, { name: 'stream', registry });
    expect((await within(deadline(70), stream).next()).value).toBe(70);
    expect((await stream().next()).value).toBeUndefined();
  });

  it('bounds the attempts to open a stream, wherever it is read', async () => {
    let opened = 0;
    const error = new Error('down');
    const stream = withRetry(
      async function* () {
        opened++;
        if (opened < 9) throw error;
        yield opened;
      },
      { name: 'stream', maxAttempts: 10, baseDelay: 100, backoff: 'fixed', jitter: false, registry },
    );
    const items = within(deadline(250), stream);
    expect(await rejectionOf(clock.until(items.next()))).toBe(error);
    expect([opened, clock.now()]).toEqual([3, 200]);
  });

  it.each(['in one pipeline', 'around another operation'])('of a timeout: the retry never outlives it, %s', async (where) => {
    const error = new Error('down');
    const { fn, call } = retried({ name: where === 'in one pipeline' ? 'outer' : 'inner' }, fails(error));
    const outer = withPolicies(where === 'in one pipeline' ? call : async () => call(), { name: 'outer', timeout: 250, registry });
    expect(await rejectionOf(clock.until(outer()))).toBe(error);
    expect(clock.now()).toBe(200);
    expect(fn).toHaveBeenCalledTimes(3);
    await clock.advance(10_000);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('of an attemptTimeout is for the operations inside each attempt, anew', async () => {
    const { fn, call } = retried({ name: 'inner' }, fails());
    const outer = withRetry(async () => call(), {
      name: 'outer', attemptTimeout: 150, maxAttempts: 2, baseDelay: 1000, jitter: false, registry,
    });
    const starts: number[] = [];
    fn.mockImplementation(async () => {
      starts.push(clock.now());
      throw new Error('down');
    });
    await rejectionOf(clock.until(outer()));
    expect(starts).toEqual([0, 100, 1100, 1200]);
  });

  it('of a timeout bounds each step of a stream by itself, not what its consumer does in between', async () => {
    const { fn, call } = retried({ name: 'inner' }, fails());
    const stream = withPolicies(
      async function* () {
        for (let n = 0; n < 2; n++) yield await call().catch(() => fn.mock.calls.length);
      },
      { name: 'stream', timeout: 150, registry },
    );
    enableCallContext();
    const items: unknown[] = [];
    const reading = (async () => {
      for await (const item of stream()) {
        items.push(item);
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 5000); });
      }
    })();
    await clock.until(reading);
    expect(items).toEqual([2, 4]);
  });

  it('of a timeout ends a running attempt by its signal, and no other follows', async () => {
    let starts = 0;
    const inner = withRetry(
      async () => {
        starts++;
        const { signal } = currentCall()!;
        await new Promise((_resolve, reject) => {
          signal!.addEventListener('abort', () => { reject(signal!.reason as Error); });
        });
      },
      { name: 'inner', baseDelay: 10, registry },
    );
    const outer = withPolicies(async () => inner(), { name: 'outer', timeout: 100, registry });
    expect(await rejectionOf(clock.until(outer()))).toBeInstanceOf(OperationTimeoutError);
    await clock.advance(10_000);
    expect(starts).toBe(1);
  });

  it('of a timeout ends the wait of a retry that was begun after an await, with the call context', async () => {
    enableCallContext();
    const error = new Error('down');
    const { fn, call } = retried({ name: 'inner' }, fails(error));
    const outer = withPolicies(
      async () => {
        await Promise.resolve();
        return call();
      },
      { name: 'outer', timeout: 150, registry },
    );
    expect(await rejectionOf(clock.until(outer()))).toBe(error);
    expect(fn).toHaveBeenCalledTimes(2);
  });
});
