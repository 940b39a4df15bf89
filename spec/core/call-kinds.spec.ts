import { Call, invoke, newCallRecord, nextCallId } from '../../lib/core/call';
import { SignalCancellation } from '../../lib/core/cancellation';
import { currentCall } from '../../lib';

const cancellation = SignalCancellation.of(new AbortController().signal);

describe('a call', () => {
  it('is plain while nobody watches it and nothing can end it', () => {
    expect([
      new Call('op', undefined, undefined).isPlain, new Call('op', newCallRecord(), undefined).isPlain, new Call('op', undefined, cancellation).isPlain,
    ]).toEqual([true, false, false]);
  });

  it('has a kind: the first attempt, a retry, or what it was made for, where events are recorded', () => {
    const unwatched = new Call('op', undefined, undefined);
    const watched = new Call('op', newCallRecord(), undefined);
    expect([unwatched.kind, unwatched.as(2, undefined).kind, watched.kind, watched.as(2, undefined).kind]).toEqual(['first', 'retry', 'first', 'retry']);
    expect([watched.asSpecial('probe').kind, watched.as(2, undefined).asSpecial('hedge').kind]).toEqual(['probe', 'hedge']);
    expect(unwatched.asSpecial('probe')).toBe(unwatched);
  });

  it('has a number of its own, where events are recorded', () => {
    const numbers = [nextCallId(), newCallRecord().id, nextCallId()];
    expect(numbers).toEqual([numbers[0], numbers[0]! + 1, numbers[0]! + 2]);
  });

  it('inherits from the one around it what can end it, and nothing else', () => {
    const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined };
    const limit = { atMs: 5, clock, operation: 'outer' };
    const inner = new Call('inner', undefined, undefined);
    expect(inner.within(undefined)).toBe(inner);
    expect(inner.within(new Call('outer', newCallRecord(), undefined, 3))).toBe(inner);
    const within = inner.within(new Call('outer', undefined, cancellation, 3, limit));
    expect(within).toMatchObject({ operation: 'inner', attempt: 1, cancellation, limit, record: undefined, retriedAround: undefined });
    expect([within.deadline, inner.deadline, new Call('op', undefined, undefined, 1, { ...limit, atMs: Infinity }).deadline]).toEqual([5, undefined, undefined]);
  });

  it('is within a retry only as long as that goes on', () => {
    const inner = new Call('inner', undefined, undefined);
    const retried = (isGoingOn: boolean) => new Call('outer', undefined, undefined, 1, undefined, { isGoingOn, disposeLeftover: () => undefined });
    expect([inner, inner.within(retried(true)), inner.within(retried(false))].map(({ retriedAround }) => retriedAround?.isGoingOn === true)).toEqual([false, true, false]);
    const outermost = inner.within(retried(true));
    expect(new Call('innermost', undefined, undefined).within(outermost).retriedAround?.isGoingOn).toBe(true);
  });

  it('is the current one while its function runs, with its receiver and arguments, and the outer one is again after', () => {
    const [outer, inner] = [new Call('outer', undefined, undefined), new Call('inner', undefined, undefined)];
    const self = {};
    const seen = invoke(function (this: unknown, ...args: unknown[]) {
      const nested = invoke(() => currentCall(), inner, undefined, []);
      return [this, args, nested, currentCall()];
    }, outer, self, [1, 'b']);
    expect(seen).toEqual([self, [1, 'b'], inner, outer]);
    expect(currentCall()).toBeUndefined();
  });
});
