import { Breaker, BreakerRegistry, currentCall, withPolicies, type TimeoutOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

type Lines = (...args: unknown[]) => AsyncGenerator<string, string, string>;

function setUp(lines: (clock: TimerClock) => Lines, given: Partial<TimeoutOptions> = {}) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const timeouts = jest.fn();
  registry.on('timeout', timeouts);
  const call = withPolicies(lines(clock), { name: 'op', registry, stream: true, timeout: { duration: 100, ...given } } as never) as unknown as Lines;
  return { clock, timeouts, call };
}

describe('a stream under a timeout', () => {
  it('that is waited for, and fails when its time is up, fails with the timeout because of that', async () => {
    const { clock, timeouts, call } = setUp(
      () =>
        async function* () {
          const { signal } = currentCall()!;
          yield 'first';
          await new Promise<void>((resolve) => { signal!.addEventListener('abort', () => { resolve(); }); });
          throw new Error('stopped');
        },
      { mode: 'cooperative' },
    );
    const stream = call();
    await stream.next();
    expect(await rejectionOf(clock.until(stream.next()))).toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 100, cause: new Error('stopped') });
    expect(timeouts).toHaveBeenCalledTimes(1);
  });

  it('fails with its own error where that comes in time', async () => {
    const down = new Error('down');
    const { call } = setUp(() => async function* () { yield 'first'; throw down; }, { mode: 'cooperative' });
    const stream = call();
    await stream.next();
    expect(await rejectionOf(stream.next())).toBe(down);
  });

  it('gives what its iterator answers to return() and throw()', async () => {
    const { clock, call } = setUp(
      () =>
        async function* () {
          try {
            yield 'first';
          } catch (error) {
            yield `caught ${String(error)}`;
          } finally {
             
            return 'cleaned up';
          }
        } as Lines,
    );
    const left = call();
    await left.next();
    expect(await left.return('left')).toEqual({ done: true, value: 'cleaned up' });
    const thrown = call();
    await thrown.next();
    expect(await thrown.throw('mine')).toEqual({ done: false, value: 'caught mine' });
    expect(await thrown.next()).toEqual({ done: true, value: 'cleaned up' });
    expect(clock.armed).toBe(0);
  });

  it('tells of no timeout, and of its caller’s reason, when the call around it ended it before', async () => {
    const { clock, timeouts, call } = setUp(
      (time) =>
        async function* () {
          yield 'first';
          await new Promise<void>((resolve) => { time.setTimeout(resolve, 160); });
          throw new Error('late');
        },
      { mode: 'cooperative' },
    );
    const controller = new AbortController();
    const reason = new Error('left');
    const waiting = rejectionOf(
      new Breaker({ clock }).execute(async () => {
        const stream = call();
        await stream.next();
        return stream.next();
      }, { signal: controller.signal }),
    );
    await clock.advance(50);
    controller.abort(reason);
    await clock.advance(200);
    expect(await waiting).toBe(reason);
    expect(timeouts).not.toHaveBeenCalled();
  });
});
