import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, currentCall, withPolicies, OperationTimeoutError } from '../../lib';
import { Call, invoke } from '../../lib/core/call';
import { rejectionOf, pending } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

type Lines = (...args: unknown[]) => AsyncGenerator<string, string, string>;

/** A stream whose waits are given 100 ms. */
function setUp(lines: (clock: TimerClock) => Lines) {
  const clock = new TimerClock();
  const call = withPolicies(lines(clock), { name: 'op', registry: new BreakerRegistry({ clock }), stream: true, timeout: 100 } as never) as unknown as Lines;
  return { clock, call };
}

describe('a stream under a timeout, and what is around it', () => {
  it('leaves no listener on the signal of the call around it when it is over', async () => {
    const listeners: number[] = [];
    const { signal } = new AbortController();
    const count = (): unknown => listeners.push(getEventListeners(signal, 'abort').length);
    const { clock, call } = setUp(
      () =>
        async function* () {
          currentCall()!.signal!.throwIfAborted();
          yield 'first';
          return 'end';
        },
    );
    await new Breaker({ clock }).execute(async () => {
      const stream = call();
      await stream.next();
      count();
      await stream.next();
      count();
    }, { signal });
    expect(listeners).toEqual([1, 0]);
  });

  it('leaves none either when it fails to begin', async () => {
    const down = new Error('down');
    const { signal } = new AbortController();
    const { clock, call } = setUp(
      () => (() => {
        currentCall()!.signal!.throwIfAborted();
        throw down;
      }) as never,
    );
    expect(await rejectionOf(new Breaker({ clock }).execute(() => call().next(), { signal }))).toBe(down);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('gives the calls inside it what is left of its wait', async () => {
    const deadlines: unknown[] = [];
    const { clock, call } = setUp(
      (time) =>
        async function* () {
          deadlines.push(currentCall()!.deadline);
          const inner = withPolicies(async () => { deadlines.push(currentCall()!.deadline); }, { clock: time, registry: new BreakerRegistry(), timeout: 500 });
          await inner();
          yield 'first';
          return 'end';
        },
    );
    const stream = call();
    await stream.next();
    expect(deadlines).toEqual([100, 100]);
    expect(await stream.next()).toEqual({ done: true, value: 'end' });
    expect(clock.armed).toBe(0);
  });

  it('does not begin where the deadline around it has passed', async () => {
    const began = jest.fn();
    const { clock, call } = setUp(() => async function* () { began(); yield 'first'; return 'end'; });
    const late = new Call('outer', undefined, undefined, 1, { atMs: -1, clock, operation: 'outer' });
    const stream = invoke(call, late, undefined, []) as AsyncGenerator<string>;
    expect(await rejectionOf(invoke(() => stream.next(), late, undefined, []) as Promise<unknown>)).toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 0 });
    expect(began).not.toHaveBeenCalled();
  });
});

describe('a call inside a stream', () => {
  it('that is cut short by the wait it is made in is no failure of its own', async () => {
    const clock = new TimerClock();
    const inner = withPolicies(pending(), { name: 'inner', clock, registry: new BreakerRegistry(), timeout: 500 });
    const errors: unknown[] = [];
    const stream = withPolicies(async function* (): AsyncGenerator<string> {
      await inner().catch((error: unknown) => errors.push(error));
      yield 'item';
    }, { name: 'outer', clock, registry: new BreakerRegistry(), timeout: 100 })();
    const waiting = rejectionOf(stream.next());
    await clock.advance(100);
    expect(await waiting).toMatchObject({ operation: 'outer', timeout: 100, isCutShort: false });
    expect(errors).toEqual([expect.any(OperationTimeoutError)]);
    expect(inner.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
  });
});
