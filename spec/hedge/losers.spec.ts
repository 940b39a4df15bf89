import { BreakerRegistry, currentCall, withPolicies } from '../../lib';
import { TimerClock } from '../support/timer-clock';

describe('a run that another one was faster than', () => {
  it('is aborted, and told why', async () => {
    const clock = new TimerClock();
    const reasons: unknown[] = [];
    const call = withPolicies(async () => {
      const { signal } = currentCall()!;
      signal!.addEventListener('abort', () => { reasons.push(signal!.reason); });
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, 100); });
      return 'it';
    }, { name: 'op', registry: new BreakerRegistry({ clock }), hedge: { delay: 10, idempotent: true } });

    expect(await clock.until(call())).toBe('it');

    expect(reasons).toEqual([expect.objectContaining({ name: 'AbortError', message: 'Another run of op was faster' })]);
  });

  it.each([['is disposed of', false, 1], ['is left alone when it is the object that the call got', true, 0]])('whose answer comes all the same: it %s', async (_what, isSame, disposed) => {
    const clock = new TimerClock();
    const cancel = jest.fn();
    const answer = () => ({ status: 200, body: { getReader: () => undefined, cancel, locked: false } });
    const shared = answer();
    let runs = 0;
    const call = withPolicies(async () => {
      const waitMs = runs++ === 0 ? 100 : 10;
      await new Promise<void>((resolve) => { clock.setTimeout(resolve, waitMs); });
      return isSame ? shared : answer();
    }, { name: 'op', registry: new BreakerRegistry({ clock }), hedge: { delay: 10, idempotent: true } });

    await clock.until(call());
    expect(cancel).not.toHaveBeenCalled();
    await clock.advance(100);

    expect([runs, cancel.mock.calls.length]).toEqual([2, disposed]);
  });
});
