import { BreakerRegistry, BulkheadFullError, withPolicies, type HedgeOptions } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

class NotFound extends Error {}
class Down extends Error {}
const aborted = (): Error => new DOMException('stopped', 'AbortError');
const full = (): Error => new BulkheadFullError('pool', 1, 0);

/** A call whose first run fails with `error`, after 50 ms of 100. @returns The runs then, and what is left armed. */
async function firstFailsWith(error: unknown, given: Partial<HedgeOptions> = {}) {
  const clock = new TimerClock();
  const fn = pending();
  const call = withPolicies(fn, {
    name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, ...given } as HedgeOptions,
  });
  const result = call().then((value) => ({ value }), (reason: unknown) => ({ reason }));
  await clock.advance(50);
  fn.calls[0]!.reject(error);
  await reactions();
  return { runs: fn.mock.calls.length, armed: clock.armed, fn, result };
}

describe('which errors start the next run', () => {
  it.each([
    ['any error', new Down(), {}, 2],
    ['an abort', aborted(), {}, 1],
    ['a rejection by a policy', full(), {}, 1],
    ['a handled error', new Down(), { handle: Down }, 2],
    ['an error that is not handled', new NotFound(), { handle: Down }, 1],
    ['an ignored error', new NotFound(), { ignore: NotFound }, 1],
    ['an error that is handled and ignored', new Down(), { handle: Error, ignore: [Down] }, 1],
    ['a rejection that is handled', full(), { handle: BulkheadFullError }, 2],
  ])('%s', async (_which, error, given, runs) => {
    const call = await firstFailsWith(error, given as Partial<HedgeOptions>);
    expect(call.runs).toBe(runs);
    if (runs === 2) call.fn.calls[1]!.reject(error);
    expect(await call.result).toEqual({ reason: error });
    expect(call.armed).toBe(0);
  });

  it('an answer ends the call at once, though another run is under way', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, ignore: NotFound } });
    const result = rejectionOf(call());
    await clock.advance(100);
    const answer = new NotFound();
    fn.calls[1]!.reject(answer);
    expect(await result).toBe(answer);
  });

  it('a rejected run leaves it to the others, and hides none of their errors', async () => {
    for (const [rejected, other] of [[0, 1], [1, 0]] as const) {
      const clock = new TimerClock();
      const fn = pending();
      const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true } });
      const result = rejectionOf(call());
      await clock.advance(100);
      const down = new Down();
      fn.calls[rejected]!.reject(full());
      await reactions();
      fn.calls[other]!.reject(down);
      expect(await result).toBe(down);
    }
  });

  it.each([
    ['an abort that is not handled', aborted(), { handle: Down }],
    ['an abort that is ignored', aborted(), { ignore: DOMException }],
    ['a rejection that is ignored', full(), { ignore: BulkheadFullError }],
  ])('%s is no answer: the other run is waited for', async (_which, error, given) => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, ...given } });
    const result = call();
    await clock.advance(100);
    fn.calls[1]!.reject(error);
    await reactions();
    fn.calls[0]!.resolve('first');
    expect(await result).toBe('first');
    expect(clock.armed).toBe(0);
  });

  it.each([
    ['that is ignored', { ignore: BulkheadFullError }],
    ['that is not handled', { handle: Down }],
  ])('a rejection %s hides no error that a run failed with', async (_which, given) => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, ...given } });
    const result = rejectionOf(call());
    await clock.advance(100);
    const down = new Down();
    fn.calls[0]!.reject(down);
    await reactions();
    fn.calls[1]!.reject(full());
    expect(await result).toBe(down);
  });

  it('an error that is not handled is an answer: it ends the call, though another run is under way', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, handle: Down } });
    const result = rejectionOf(call());
    await clock.advance(100);
    const answer = new NotFound();
    fn.calls[1]!.reject(answer);
    expect(await result).toBe(answer);
  });

  it('nobody is asked about the error of a run that another one was faster than', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const handle = jest.fn(() => true);
    const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), hedge: { delay: 100, idempotent: true, handle } });
    const result = call();
    await clock.advance(100);
    fn.calls[0]!.resolve('it');
    expect(await result).toBe('it');
    fn.calls[1]!.reject(new Down());
    await reactions();
    expect(handle).not.toHaveBeenCalled();
  });

  it('a throw of ignore counts as not ignored, and is reported by its name', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const ignore = (): boolean => { throw new Error('a bug'); };
    expect((await firstFailsWith(new Down(), { ignore })).runs).toBe(2);
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(String(warnings.mock.calls[0]![0])).toContain("'ignore' threw");
    warnings.mockRestore();
  });

  it('nothing is reported where neither handle nor ignore is given', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    await firstFailsWith(new Down(), { handle: Down });
    await firstFailsWith(new Down(), { ignore: NotFound });
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it('a throw of handle counts as handled, and is reported (rule 3)', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const handle = (): boolean => { throw new Error('a bug'); };
    const { runs } = await firstFailsWith(new Down(), { handle });
    expect(runs).toBe(2);
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(String(warnings.mock.calls[0]![0])).toContain("'handle' threw");
    warnings.mockRestore();
  });
});
