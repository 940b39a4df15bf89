import { BreakerRegistry, bulkhead, timeout, withPolicies, type BulkheadOptions, type LimitEvent, callWith } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { refusing, sharing, SimulatedServer, type Behaviour, type Load } from './support/simulated-server';
import { SimulationClock } from './support/simulation-clock';
import { setUp } from './support/testbed';

/** Clients who ask a simulated server again and again, through an adaptive bulkhead. */
class Traffic {
  readonly clock = new SimulationClock();
  readonly server: SimulatedServer;
  limit = 20;
  readonly #call: () => Promise<string>;

  constructor(adaptive: BulkheadOptions['adaptive'], behave: (load: Load) => Behaviour, capacity: number, clients = 150) {
    this.server = new SimulatedServer(this.clock, capacity, behave);
    const registry = new BreakerRegistry({ clock: this.clock });
    registry.on('limit', ({ to }) => (this.limit = to));
    this.#call = withPolicies(this.server.request, { registry, bulkhead: { maxConcurrent: 200, maxQueue: Infinity, adaptive } });
    for (let client = 0; client < clients; client++) void this.#ask();
  }

  /** The limit at the end of each second. */
  async seconds(count: number): Promise<number[]> {
    const limits: number[] = [];
    for (let second = 0; second < count; second++) {
      await this.clock.advance(1_000);
      limits.push(this.limit);
    }
    return limits;
  }

  async #ask(): Promise<void> {
    for (;;) await this.#call().catch(() => undefined);
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;

function expectWithinTenPercent(value: number, capacity: number): void {
  expect(value).toBeGreaterThanOrEqual(0.9 * capacity);
  expect(value).toBeLessThanOrEqual(1.1 * capacity);
}

describe.each<[string, BulkheadOptions['adaptive'], (load: Load) => Behaviour]>([
  ['gradient, and a server that slows down', 'gradient', sharing(100)],
  ['aimd, and a server that slows down', { algorithm: 'aimd', slowCallDuration: 102 }, sharing(100)],
  ['aimd, and a server that refuses', 'aimd', refusing(100)],
])('an adaptive limit: %s', (_name, adaptive, behave) => {
  it.each([40, 50, 100])('settles within 10 %% of its capacity of %i, and stays there', async (capacity) => {
    const traffic = new Traffic(adaptive, behave, capacity);
    await traffic.seconds(30);
    const limits = await traffic.seconds(30);
    expectWithinTenPercent(mean(limits), capacity);
    expectWithinTenPercent(median(limits), capacity);
    const probes = limits.filter((limit) => limit < 0.88 * capacity);
    // The gradient halves its limit now and then, for a moment.
    expect(probes.length).toBeLessThanOrEqual(adaptive === 'gradient' ? 3 : 0);
    expect(Math.max(...limits)).toBeLessThanOrEqual(Math.ceil(1.1 * capacity));
  });

  it('follows when the capacity is halved, and when it is back', async () => {
    const traffic = new Traffic(adaptive, behave, 100);
    await traffic.seconds(30);
    traffic.server.capacity = 50;
    await traffic.seconds(15);
    expectWithinTenPercent(median(await traffic.seconds(9)), 50);
    traffic.server.capacity = 100;
    await traffic.seconds(20);
    expectWithinTenPercent(median(await traffic.seconds(9)), 100);
  });

  it('does not grow while few calls run: they say nothing about more', async () => {
    const traffic = new Traffic(adaptive, behave, 50, 8);
    await traffic.seconds(30);
    expect(traffic.limit).toBeLessThanOrEqual(20);
  });

  it('never lets more calls run than it says', async () => {
    const traffic = new Traffic(adaptive, behave, 60);
    let atMost = 20;
    for (let step = 0; step < 400; step++) {
      await traffic.clock.advance(50);
      // A limit that has just shrunk is exceeded until the calls that run are done.
      atMost = Math.max(traffic.limit, Math.min(atMost, traffic.server.busy));
      expect(traffic.server.busy).toBeLessThanOrEqual(atMost);
    }
  });
});

describe('an adaptive bulkhead', () => {
  const aimd = { algorithm: 'aimd', initialLimit: 4, backoffRatio: 0.5 } as const;

  function limitsOf(given: Partial<BulkheadOptions> = {}) {
    const bed = setUp({ maxConcurrent: 10, adaptive: aimd, ...given });
    const limits: LimitEvent[] = [];
    bed.registry.on('limit', (event) => limits.push(event));
    return { ...bed, limits };
  }

  it('tells when its limit changes, and the key whose limit it is', async () => {
    const { clock, fn, wrapped, limits } = limitsOf({ key: (host: string) => host });
    const call = wrapped('slow');
    await clock.advance(5);
    fn.calls[0]!.reject(new Error('down'));
    await rejectionOf(call);
    expect(limits).toEqual([{ type: 'limit', operation: 'users.fetch', at: 1_700_000_000_005, from: 4, to: 2, key: 'slow' }]);
  });

  it('lets nobody in while more run than a limit that has shrunk, and then as many as it says', async () => {
    const { fn, wrapped } = limitsOf({ maxQueue: 9 });
    for (let id = 0; id < 7; id++) void wrapped(id).catch(() => undefined);
    expect(fn).toHaveBeenCalledTimes(4);
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    fn.calls[1]!.resolve();
    await reactions();
    expect(fn).toHaveBeenCalledTimes(4);
    fn.calls[2]!.resolve();
    await reactions();
    expect(fn).toHaveBeenCalledTimes(5);
  });

  it('lets waiting calls in when its limit has grown', async () => {
    const { fn, wrapped } = limitsOf({ maxQueue: 9, adaptive: { ...aimd, initialLimit: 1 } });
    for (let id = 0; id < 4; id++) void wrapped(id);
    fn.calls[0]!.resolve();
    await reactions();
    expect(fn.mock.calls).toEqual([[0], [1], [2]]);
  });

  it.each<[string, object, (fn: ReturnType<typeof pending>) => void, number[]]>([
    ['an error that is ignored', { ignore: TypeError }, (fn) => fn.calls[0]!.reject(new TypeError('mine')), []],
    ['an error that is not handled', { handle: RangeError }, (fn) => fn.calls[0]!.reject(new Error('answered')), []],
    ['an error that is handled', { handle: RangeError }, (fn) => fn.calls[0]!.reject(new RangeError('overloaded')), [2]],
    ['a cancellation', {}, (fn) => fn.calls[0]!.reject(new DOMException('enough', 'AbortError')), []],
    ['a value that is refused', { handleResult: (value: unknown) => value === 503 }, (fn) => fn.calls[0]!.resolve(503), [2]],
    ['a value that is not', { handleResult: (value: unknown) => value === 503 }, (fn) => fn.calls[0]!.resolve(200), []],
  ])('judges %s as a breaker would', async (_what, outcome, settle, expected) => {
    const { fn, wrapped, limits } = limitsOf({ adaptive: { ...aimd, ...outcome } });
    const call = wrapped().catch(() => undefined);
    settle(fn);
    await call;
    expect(limits.map(({ to }) => to)).toEqual(expected);
    await reactions();
    void wrapped();
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('takes a timeout inside it for a failure, and the caller’s abort for nothing', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const limits: number[] = [];
    registry.on('limit', ({ to }) => limits.push(to));
    const fn = pending();
    const wrapped = withPolicies(fn, { name: 'a', registry, bulkhead: { maxConcurrent: 8, adaptive: aimd }, timeout: 50 });
    await rejectionOf(clock.until(wrapped()));
    expect(limits).toEqual([2]);
    const controller = new AbortController();
    const aborted = callWith({ signal: controller.signal }, () => wrapped());
    controller.abort(new Error('enough'));
    fn.calls[1]!.reject(new Error('interrupted'));
    await rejectionOf(aborted);
    expect(limits).toEqual([2]);
  });

  it.each<[string, unknown]>([
    ['an error of its own', new Error('interrupted')],
    ['an AbortError', new DOMException('interrupted', 'AbortError')],
  ])('takes a timeout around it for a failure, when the function heeds it with %s (rule 2)', async (_what, answer) => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const limits: number[] = [];
    registry.on('limit', ({ to }) => limits.push(to));
    const fn = pending();
    const wrapped = withPolicies(fn, [timeout({ duration: 50, registry }), bulkhead({ maxConcurrent: 8, adaptive: aimd })]);
    const late = rejectionOf(wrapped());
    await clock.advance(50);
    fn.calls[0]!.reject(answer);
    expect(await late).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    await reactions();
    expect(limits).toEqual([2]);
  });

  it('does not count the wait in the queue as time that the call took', async () => {
    const { clock, fn, wrapped, limits } = limitsOf({ maxQueue: 1, adaptive: { ...aimd, initialLimit: 1, minLimit: 1, slowCallDuration: 50 } });
    void wrapped();
    const queued = wrapped();
    await clock.advance(40);
    fn.calls[0]!.resolve();
    await reactions();
    await clock.advance(40);
    fn.calls[1]!.resolve();
    await queued;
    expect(limits.filter(({ to, from }) => to < from)).toEqual([]);
  });

  it('contains a predicate that throws (rule 3)', async () => {
    const { fn, wrapped, limits } = limitsOf({
      adaptive: { ...aimd, handle: () => { throw new Error('mine'); } },
    });
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const call = wrapped();
    const down = new Error('down');
    fn.calls[0]!.reject(down);
    expect(await rejectionOf(call)).toBe(down);
    warned.mockRestore();
    expect(limits.map(({ to }) => to)).toEqual([2]);
  });
});
