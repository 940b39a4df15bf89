import { Breaker, BreakerRegistry, bulkhead, cache, callWith, circuitBreaker, currentCall, enableCallContext, fallback, hedge, rateLimit, retry, throttle, timeout, withPolicies, withRegistry, type Policy } from '../../lib';
import { rejectionOf } from './support/flaky';
import { reactions } from '../support/timer-clock';

const POLICIES: Readonly<Record<string, () => Policy>> = {
  'a breaker': () => circuitBreaker(),
  'a retry': () => retry(),
  'a retry with a budget of time': () => retry({ maxElapsed: '1m' }),
  'a timeout': () => timeout('1s'),
  'a bulkhead': () => bulkhead(1),
  'a rate limit': () => rateLimit(1),
  'a throttle': () => throttle(),
  'a hedge': () => hedge({ delay: '1s', idempotent: true }),
  'a cache': () => cache('1s'),
  'a fallback': () => fallback(() => 'instead'),
};

// Rule 20: zero calls.
describe.each(Object.entries(POLICIES))('%s, called in a call that was aborted', (_name, policy) => {
  it('does not run the function, and rejects with the reason', async () => {
    const fn = jest.fn(async () => 'value');
    const inner = withRegistry(new BreakerRegistry(), () => withPolicies(fn, [policy()]));
    const controller = new AbortController();
    const reason = new Error('left');
    const call = rejectionOf(callWith({ signal: controller.signal }, () => {
      controller.abort(reason);
      return inner();
    }));
    await reactions();
    expect(fn).not.toHaveBeenCalled();
    expect(await call).toBe(reason);
  });
});

// `execute` takes part as wrappers do.
describe.each(['execute', 'executeSync'] as const)('%s of a breaker, called in a call that was aborted', (method) => {
  it('does not run the function, and counts nothing', async () => {
    const breaker = new Breaker({ name: 'by itself' });
    const fn = jest.fn();
    const controller = new AbortController();
    const reason = new Error('left');
    const call = callWith({ signal: controller.signal }, async () => {
      controller.abort(reason);
      return breaker[method](fn);
    });
    expect(await rejectionOf(call)).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
    expect(breaker.stats).toMatchObject({ successes: 0, failures: 0 });
  });
});

function deferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('a signal of all calls', () => {
  const reason = new Error('left');
  let controller: AbortController;
  let registry: BreakerRegistry;

  beforeEach(() => {
    controller = new AbortController();
    registry = new BreakerRegistry();
    enableCallContext();
  });

  /** An operation that settles as soon as it may, and leaves something behind. */
  const leaving = (behind: () => Promise<unknown>, gate: Promise<unknown>): (() => Promise<unknown>) =>
    withRegistry(registry, () =>
      withPolicies(
        async () => {
          void behind();
          await gate;
        },
        [retry({ maxAttempts: 1, signal: controller.signal })],
      ),
    );

  const innerCalledLater = () => {
    const fn = jest.fn(async () => 'value');
    return { fn, inner: withRegistry(registry, () => withPolicies(fn, [retry({ name: 'inner' })])), later: deferred() };
  };

  it('that ended a call also ends what it left behind and begins later', async () => {
    const { fn, inner, later } = innerCalledLater();
    let left: Promise<unknown> | undefined;
    const behind = async (): Promise<void> => {
      await later.promise;
      left = rejectionOf(inner());
    };
    const gate = new Promise((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => {
        reject(reason);
      });
    });
    const call = rejectionOf(leaving(behind, gate)());
    controller.abort(reason);
    expect(await call).toBe(reason);
    later.resolve();
    await reactions();
    expect(await left).toBe(reason);
    expect(fn).not.toHaveBeenCalled();
  });

  it('does not reach what a call left behind when it had settled', async () => {
    const { inner, later } = innerCalledLater();
    let left: Promise<unknown> | undefined;
    const behind = async (): Promise<void> => {
      const call = currentCall();
      await later.promise;
      expect(call?.signal?.aborted).not.toBe(true);
      left = inner();
    };
    await leaving(behind, Promise.resolve())();
    controller.abort(reason);
    later.resolve();
    await reactions();
    expect(await left).toBe('value');
  });

  it('that comes after a call has worked is no failure of what it left behind', async () => {
    let runs = 0;
    const listening = (): Promise<unknown> =>
      new Promise((_resolve, reject) => {
        runs++;
        currentCall()!.signal?.addEventListener('abort', () => reject(new Error('gave up')));
      });
    const inner = withRegistry(registry, () => withPolicies(listening, [retry({ name: 'inner', maxAttempts: 2 }), circuitBreaker()]));
    const behind = (): Promise<unknown> => inner().catch(() => undefined);
    await leaving(behind, Promise.resolve())();
    controller.abort(reason);
    await reactions();
    expect(runs).toBe(1);
    expect((registry.get('inner') as Breaker).stats.failures).toBe(0);
  });
});
