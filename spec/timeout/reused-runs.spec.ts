import { BreakerRegistry, currentCall, withPolicies, type CurrentCall } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';

/** By the system's clock, whose timeouts share one timer, and whose runs are used again when nobody has seen them. */
const timed = (fn: () => Promise<unknown>, duration = 60_000) => withPolicies(fn, { registry: new BreakerRegistry(), timeout: duration });

describe('a run that was looked at', () => {
  it('is its own: what was seen of one call says nothing of the next', async () => {
    const seen: CurrentCall[] = [];
    const call = timed(async () => void seen.push(currentCall()!));
    for (let n = 0; n < 3; n++) await call();
    const [first, second] = seen as [CurrentCall, CurrentCall, CurrentCall];
    expect(first).not.toBe(second);
    expect([first.signal!.aborted, second.signal!.aborted]).toEqual([false, false]);
    expect([first.deadline, second.deadline]).toEqual([undefined, undefined]); // they are over
  });

  it('has its deadline from its start, and its signal from when it is asked for', async () => {
    const before = performance.now();
    let deadline = 0;
    await timed(async () => {
      const { deadline: at, signal } = currentCall()!;
      deadline = at!;
      expect(signal!.aborted).toBe(false);
      expect(currentCall()!.signal).toBe(signal);
    })();
    expect(deadline).toBeGreaterThanOrEqual(before + 60_000);
    expect(deadline).toBeLessThanOrEqual(performance.now() + 60_000);
  });
});

it('calls that nobody looks at work side by side, and one after the other, whatever became of those before', async () => {
  const ends: ((value: string) => void)[] = [];
  const call = timed(() => new Promise((resolve) => { ends.push(resolve); }));
  for (let round = 0; round < 3; round++) {
    const calls = Array.from({ length: 100 }, () => call());
    ends.splice(0).forEach((end, index) => { end(`${round}/${index}`); });
    expect(await Promise.all(calls)).toEqual(calls.map((_call, index) => `${round}/${index}`));
  }
});

it('a call that was timed out neither ends the next nor is ended by it', async () => {
  let settle: (value: string) => void = () => undefined;
  const call = timed(() => new Promise((resolve) => { settle = resolve; }), 10);
  expect(await rejectionOf(call())).toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 10 });
  const late = settle;
  const next = call();
  late('late');
  settle('next');
  expect(await next).toBe('next');
});
