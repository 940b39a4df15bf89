import { BreakerRegistry, currentCall, enableCallContext, withPolicies, type CurrentCall } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';

it.each([1, 64, 65])('tells of a timeout outside all calls, whoever made the call that the shared timer was armed for (%d calls)', async (calls) => {
  enableCallContext();
  const registry = new BreakerRegistry();
  const inner = withPolicies(pending(), { name: 'inner', registry, timeout: 20 });
  const seen: (CurrentCall | undefined)[] = [];
  registry.on('timeout', () => seen.push(currentCall()));
  let end: Promise<unknown[]> | undefined;
  const outer = withPolicies(
    async () => {
      await Promise.resolve();
      end = Promise.all(Array.from({ length: calls }, () => rejectionOf(inner())));
    },
    { name: 'outer', registry, breaker: {} },
  );
  // Twice: the second time, the queue has found that calls outlive their turn.
  for (const n of [1, 2]) {
    await outer();
    await end;
    expect(seen).toEqual(new Array(n * calls).fill(undefined));
  }
});

it.each(['abandon', 'cooperative'] as const)('gives each call a current call of its own, looked at after an await (%s)', async (mode) => {
  enableCallContext();
  const call = withPolicies(
    async () => {
      await Promise.resolve();
      return currentCall();
    },
    { name: 'looks late', registry: new BreakerRegistry(), timeout: { duration: '1h', mode } },
  );
  const [first, second] = [await call(), await call()];
  expect(first).toMatchObject({ operation: 'looks late', attempt: 1 });
  expect(second).not.toBe(first);
  expect(second!.signal).not.toBe(first!.signal);
});
