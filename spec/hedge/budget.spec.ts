import { BreakerRegistry, RetryBudget, withPolicies, withRegistry, type PolicyOptions } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

function setUp(policies: (clock: TimerClock) => PolicyOptions) {
  const clock = new TimerClock();
  const fn = pending();
  const call = withPolicies(fn, { name: 'a', registry: new BreakerRegistry({ clock }), ...policies(clock) });
  return { clock, fn, call };
}

describe('a hedge under a budget', () => {
  it('withdraws one for each run beside the first, and deposits for each call', async () => {
    let budget!: RetryBudget;
    const { clock, fn, call } = setUp((time) => {
      budget = new RetryBudget({ ratio: 0.5, minPerSecond: 0, clock: time });
      return { hedge: { delay: 100, idempotent: true, budget } };
    });
    void call();
    await clock.advance(100);
    expect([fn.mock.calls.length, budget.balance]).toEqual([1, 0.5]);
    void call();
    await clock.advance(100);
    expect([fn.mock.calls.length, budget.balance]).toEqual([3, 0]);
  });

  it('waits for what runs when nothing is left, and keeps no timer', async () => {
    const { clock, fn, call } = setUp(() => ({ hedge: { delay: 100, maxHedges: 3, idempotent: true, budget: { ratio: 0, minPerSecond: 0 } } }));
    const result = call();
    await clock.advance(10_000);
    expect([fn.mock.calls.length, clock.armed]).toEqual([1, 0]);
    fn.calls[0]!.resolve('it');
    expect(await result).toBe('it');
  });

  it('gives up with the failure when nothing is left and nothing runs', async () => {
    const { fn, call } = setUp(() => ({ hedge: { delay: 100, idempotent: true, budget: { ratio: 0, minPerSecond: 0 } } }));
    const result = rejectionOf(call());
    const error = new Error('down');
    fn.calls[0]!.reject(error);
    expect(await result).toBe(error);
  });

  it('starts no run of a call any more that was once refused one', async () => {
    const { clock, fn, call } = setUp(() => ({ hedge: { delay: 100, maxHedges: 3, idempotent: true, budget: { ratio: 0, minPerSecond: 0.1 } } }));
    const result = call();
    await clock.advance(200);
    expect(fn).toHaveBeenCalledTimes(2);
    // By then there would be enough for another one.
    await clock.advance(60_000);
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    expect([fn.mock.calls.length, clock.armed]).toEqual([2, 0]);
    fn.calls[1]!.resolve('it');
    expect(await result).toBe('it');
  });

  it('asks for the cost of the error that it follows, and of none when it follows a delay', async () => {
    const cost = jest.fn(() => 1);
    const { clock, fn, call } = setUp(() => ({ hedge: { delay: 100, maxHedges: 2, idempotent: true, budget: { cost } } }));
    void call();
    const error = new Error('down');
    fn.calls[0]!.reject(error);
    await reactions();
    await clock.advance(100);
    expect(cost.mock.calls).toEqual([[error]]);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('is under the budget of the retry around it, which alone deposits', async () => {
    let budget!: RetryBudget;
    const { clock, fn, call } = setUp((time) => {
      budget = new RetryBudget({ ratio: 1, minPerSecond: 0, clock: time });
      return { retry: { budget, baseDelay: 10 }, hedge: { delay: 100, idempotent: true, budget } };
    });
    const error = new Error('down');
    const result = rejectionOf(call());
    expect(budget.balance).toBe(1);
    await clock.advance(100);
    expect([fn.mock.calls.length, budget.balance]).toEqual([2, 0]);
    fn.calls.forEach(({ reject }) => { reject(error); });
    expect(await result).toBe(error);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('takes the retry’s without being told', async () => {
    const { clock, fn, call } = setUp(() => ({ retry: { budget: { ratio: 0, minPerSecond: 0 } }, hedge: { delay: 100, idempotent: true } }));
    void call();
    await clock.advance(1000);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('takes the retry’s through a breaker between them', async () => {
    const { clock, fn, call } = setUp(() => ({
      retry: { budget: { ratio: 0, minPerSecond: 0 } },
      breaker: {},
      hedge: { delay: 100, idempotent: true },
    }));
    void call();
    await clock.advance(1000);
    expect([fn.mock.calls.length, clock.armed]).toEqual([1, 0]);
  });

  it('keeps its budget when the ambient registry changes and comes back', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { name: 'hedge.kept', clock, hedge: { delay: 100, idempotent: true, budget: { ratio: 0, minPerSecond: 0.1 } } });
    const [one, other] = [new BreakerRegistry(), new BreakerRegistry()];
    const runsOf = async (registry: BreakerRegistry): Promise<number> => {
      const before = fn.mock.calls.length;
      void withRegistry(registry, () => call());
      await clock.advance(100);
      return fn.mock.calls.length - before;
    };
    expect([await runsOf(one), await runsOf(other), await runsOf(one)]).toEqual([2, 2, 1]);
  });
});
