import {
  breakerOf,
  BreakerRegistry,
  type RegistryEvents,
  withBreaker,
  withBreakerSync,
  withPolicies,
  withRetry,
} from '../../lib';
import { clearOverride, forceOpen } from '../../lib/operate';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { REGISTRY_EVENTS } from '../../lib/registry/events';
import { TimerClock } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

type Type = keyof RegistryEvents;

function setUp() {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const listen = <E extends Type>(type: E): RegistryEvents[E][] => {
    const heard: RegistryEvents[E][] = [];
    registry.on(type, (event) => heard.push(event));
    return heard;
  };
  return { clock, registry, listen };
}

describe('the events of a registry', () => {
  it('tell of operations that register and leave', () => {
    const { clock, registry, listen } = setUp();
    const [registered, removed] = [listen('register'), listen('remove')];
    withBreaker(scripted(works()), { name: 'users.fetch', registry });
    breakerOf('users.save', undefined, registry);
    breakerOf('users.save', undefined, registry);
    registry.delete('users.fetch');
    registry.delete('users.fetch');
    const at = clock.wallTime();
    expect(registered).toEqual([
      { type: 'register', operation: 'users.fetch', at },
      { type: 'register', operation: 'users.save', at },
    ]);
    expect(removed).toEqual([{ type: 'remove', operation: 'users.fetch', at }]);
  });

  it('tell each call with its duration, waits included, each attempt with its own, and number both', async () => {
    const { clock, registry, listen } = setUp();
    const [calls, attempts, retries] = [listen('call'), listen('attempt'), listen('retry')];
    const error = new Error('down');
    const steps = [fails(error), works()];
    const fetchUser = withRetry(
      async () => {
        await new Promise<void>((resolve) => {
          clock.setTimeout(resolve, 30);
        });
        const step = steps.shift()!;
        if ('error' in step) throw step.error;
      },
      { name: 'users.fetch', baseDelay: 100, jitter: false, registry },
    );

    await clock.until(fetchUser());

    const callId = calls[0]!.callId;
    const operation = 'users.fetch';
    const start = clock.wallTime() - 160;
    expect(callId).toEqual(expect.any(Number));
    expect(attempts).toEqual([
      { type: 'attempt', operation, at: start + 30, callId, attempt: 1, kind: 'first', duration: 30, outcome: 'failure', error },
      { type: 'attempt', operation, at: start + 160, callId, attempt: 2, kind: 'retry', duration: 30, outcome: 'success' },
    ]);
    expect(retries).toEqual([{ type: 'retry', operation, at: start + 30, callId, attempt: 1, delay: 100, error }]);
    expect(calls).toEqual([
      { type: 'call', operation, at: start + 160, callId, duration: 160, outcome: 'success', counted: 'success', state: 'closed' },
    ]);
  });

  it('give each call another number', async () => {
    const { registry, listen } = setUp();
    const calls = listen('call');
    const wrapped = withBreaker(scripted(works()), { name: 'a', registry });
    await Promise.all([wrapped(), wrapped(), wrapped()]);
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(3);
  });

  it('tell a call that failed from one that was rejected', async () => {
    const { registry, listen } = setUp();
    const [calls, rejects, transitions, attempts] = [listen('call'), listen('reject'), listen('transition'), listen('attempt')];
    const error = new Error('down');
    const wrapped = withBreaker(scripted(fails(error)), { name: 'a', failureThreshold: 1, recoveryTimeout: 500, registry });

    await rejectionOf(wrapped());
    const rejection = await rejectionOf(wrapped());

    expect(calls.map(({ outcome, error: told }) => [outcome, told])).toEqual([['failure', error], ['rejected', rejection]]);
    expect(rejects).toEqual([expect.objectContaining({ operation: 'a', state: 'open', retryAfter: 500, callId: calls[1]!.callId, attempt: 1 })]);
    expect(transitions).toEqual([expect.objectContaining({ operation: 'a', from: 'closed', to: 'open', reason: 'failure_threshold' })]);
    expect(attempts).toHaveLength(1);
  });

  it('tell the open circuit of another operation, which the function met, as a failure', async () => {
    const { registry, listen } = setUp();
    const calls = listen('call');
    const other = withBreaker(scripted(works()), { name: 'other', registry: new BreakerRegistry() });
    other.breaker!.trip();
    await rejectionOf(withBreaker(async () => other(), { name: 'a', registry })());
    expect(calls.map(({ outcome }) => outcome)).toEqual(['failure']);
  });

  it('tell outcomes with value or error, duration, call and attempt', async () => {
    const { clock, registry, listen } = setUp();
    const [successes, failures] = [listen('success'), listen('failure')];
    const error = new Error('down');
    const options = { retry: { baseDelay: 10, jitter: false }, breaker: {}, name: 'a', registry };
    await clock.until(withPolicies(scripted(fails(error), works('it')), options)());
    const { callId } = failures[0]!;
    const at = clock.wallTime();
    expect(failures).toEqual([{ type: 'failure', operation: 'a', at: at - 10, duration: 0, error, callId, attempt: 1 }]);
    expect(successes).toEqual([{ type: 'success', operation: 'a', at, duration: 0, value: 'it', callId, attempt: 2 }]);
  });

  it('tell ignored, late and probe attempts, and overrides', async () => {
    const { clock, registry, listen } = setUp();
    const [ignored, late, probes, overrides] = [listen('ignored'), listen('late'), listen('probe'), listen('override')];
    const fn = pending();
    const wrapped = withBreaker(fn, { name: 'a', recoveryTimeout: 100, registry });
    const first = wrapped();
    wrapped.breaker!.trip();
    fn.calls[0]!.resolve();
    await first;
    await clock.advance(100);
    const second = wrapped();
    fn.calls[1]!.reject(new DOMException('cancelled', 'AbortError'));
    await rejectionOf(second);
    forceOpen(registry, 'a', { for: 50, reason: 'maintenance' });

    expect([late.length, probes.length, ignored.length]).toEqual([1, 1, 1]);
    expect(overrides).toEqual([
      { type: 'override', operation: 'a', at: clock.wallTime(), override: 'forced_open', for: 50, reason: 'maintenance' },
    ]);
  });

  it('tell of a cleared override where there was one, and nowhere else', () => {
    const { registry, listen } = setUp();
    forceOpen(breakerOf('laid', undefined, registry));
    breakerOf('free', undefined, registry);
    const overrides = listen('override');

    clearOverride(registry);

    expect(overrides.map(({ operation, override }) => [operation, override])).toEqual([['laid', undefined]]);
  });

  it('carry the key of a keyed operation', async () => {
    const { registry, listen } = setUp();
    const [successes, transitions] = [listen('success'), listen('transition')];
    const wrapped = withBreaker(async (_host: string) => undefined, { name: 'hosts', key: (host) => host, registry });
    await wrapped('db');
    wrapped.breakers.get('db')!.trip();
    expect([successes[0]!.key, transitions[0]!.key]).toEqual(['db', 'db']);
  });

  it('tell of synchronous calls’ outcomes', () => {
    const { registry, listen } = setUp();
    const [successes, failures] = [listen('success'), listen('failure')];
    const half = withBreakerSync((n: number) => { if (n % 2 !== 0) throw new RangeError('odd'); return n / 2; }, { name: 'half', registry });
    half(4);
    expect(() => half(3)).toThrow(RangeError);
    expect([successes[0]!.value, (failures[0]!.error as Error).message]).toEqual([2, 'odd']);
  });

  it('tell of streams, whose call ends with the first item and whose outcome comes at the end', async () => {
    const { registry, listen } = setUp();
    const successes = listen('success');
    const wrapped = withBreaker(async function* () { yield 1; yield 2; }, { name: 'numbers', registry });
    const stream = wrapped();
    await stream.next();
    expect(successes).toEqual([]);
    for await (const _item of stream);
    expect(successes).toHaveLength(1);
  });

  it('begin with the listener and end with it', async () => {
    const { registry } = setUp();
    const heard: unknown[] = [];
    const wrapped = withBreaker(scripted(works()), { name: 'a', registry });
    await wrapped();
    const stop = registry.on('call', (event) => heard.push(event));
    await wrapped();
    stop();
    await wrapped();
    expect(heard).toHaveLength(1);
  });

  it('are built only when somebody listens: the clock is not asked otherwise', async () => {
    const { clock, registry } = setUp();
    const wrapped = withBreaker(scripted(works()), { name: 'a', registry });
    await wrapped();
    const now = jest.spyOn(clock, 'now');
    const wallTime = jest.spyOn(clock, 'wallTime');
    await wrapped();
    expect([now.mock.calls.length, wallTime.mock.calls.length]).toEqual([0, 0]);
    registry.on('call', () => undefined);
    await wrapped();
    expect(now).toHaveBeenCalled();
    expect(wallTime).toHaveBeenCalledTimes(1);
  });

  it('cannot harm a call: a listener that throws or rejects is contained', async () => {
    const warnings = collectWarnings();
    const { registry } = setUp();
    registry.on('call', () => { throw new Error('listener'); });
    registry.on('success', async () => { throw new Error('listener'); });
    registry.on('attempt', () => { throw new Error('listener'); });
    const wrapped = withBreaker(scripted(works('it')), { name: 'a', registry });
    expect([await wrapped(), await wrapped()]).toEqual(['it', 'it']);
    expect(warnings.codes()).toEqual(Array(3).fill('BREAKER_BOX_CALLBACK'));
    warnings.stop();
  });

  it('come from the registry of the call alone', async () => {
    const [one, other] = [setUp(), setUp()];
    const heard = other.listen('call');
    await withBreaker(scripted(works()), { name: 'a', registry: one.registry })();
    expect(heard).toEqual([]);
  });
});

describe('listening', () => {
  /** What happens at every call, or at one in flight; whoever listens to the rest must not cost calls anything. */
  const hot: readonly Type[] = ['call', 'attempt', 'success', 'failure', 'ignored', 'late', 'probe'];
  const types = Object.keys(REGISTRY_EVENTS) as Type[];

  it.each(types)('to %s takes calls off the short way only where it is of each call, and for as long', (type) => {
    const { registry } = setUp();
    const stop = registry.on(type, () => undefined);
    expect(registry.events.hot).toBe(hot.includes(type));
    stop();
    expect(registry.events.hot).toBe(false);
  });
});
