import { Breaker, BreakerRegistry, withBreaker } from '../../lib';
import { disable, shadow } from '../../lib/operate';
import { pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

const inFlight = (breaker: Breaker): number => breaker.inFlight;

/** Keys are kept while calls are in flight, so these must be counted whichever way a call takes. */
describe('the calls in flight', () => {
  const watched = (breaker: Breaker): void => {
    breaker.on('success', () => undefined);
  };

  it.each<[string, (breaker: Breaker) => void]>([
    ['nobody listens', () => undefined],
    ['somebody listens to attempts', watched],
    ['it is disabled', (breaker) => { disable(breaker); }],
    ['it is shadowed', (breaker) => { shadow(breaker); }],
  ])('are counted from admission to their end, however that is: %s', async (_how, prepare) => {
    const breaker = new Breaker({ failureThreshold: 9 });
    prepare(breaker);
    const fn = pending();
    const calls = [breaker.execute(fn), breaker.execute(fn), breaker.execute(fn)];
    expect(inFlight(breaker)).toBe(3);
    fn.calls[0]!.resolve('it');
    await calls[0];
    expect(inFlight(breaker)).toBe(2);
    fn.calls[1]!.reject(new Error('down'));
    await rejectionOf(calls[1]!);
    expect(inFlight(breaker)).toBe(1);
    fn.calls[2]!.reject(new DOMException('left', 'AbortError'));
    await rejectionOf(calls[2]!);
    expect(inFlight(breaker)).toBe(0);
  });

  it('are counted in synchronous calls too, and when results are late', () => {
    const breaker = new Breaker({ failureThreshold: 9 });
    breaker.executeSync(() => {
      expect(inFlight(breaker)).toBe(1);
      breaker.reset();
    });
    expect(inFlight(breaker)).toBe(0);
    expect(breaker.stats.late).toBe(1);
    expect(() => breaker.executeSync(() => { throw new Error('down'); })).toThrow('down');
    expect(inFlight(breaker)).toBe(0);
  });

  it('are counted by permits until these are settled, once', () => {
    const breaker = new Breaker();
    const permits = [breaker.acquire(), breaker.acquire(), breaker.acquire()];
    expect(inFlight(breaker)).toBe(3);
    permits[0]!.success();
    permits[0]!.failure();
    permits[1]!.failure();
    permits[2]!.ignore();
    permits[2]!.ignore();
    expect(inFlight(breaker)).toBe(0);
  });

  it('are counted by a wrapper that admits its plain calls itself', async () => {
    const fn = pending();
    const wrapped = withBreaker(fn, { name: 'op', registry: new BreakerRegistry() });
    const calls = [wrapped(), wrapped()];
    expect(inFlight(wrapped.breaker!)).toBe(2);
    for (const { resolve } of fn.calls) resolve();
    await Promise.all(calls);
    expect(inFlight(wrapped.breaker!)).toBe(0);
  });

  it('are none of those that are rejected', async () => {
    const breaker = new Breaker({ clock: new ManualClock() });
    breaker.trip();
    await rejectionOf(breaker.execute(scripted(works())));
    expect(breaker.tryAcquire()).toBeUndefined();
    expect(inFlight(breaker)).toBe(0);
  });
});
