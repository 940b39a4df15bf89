import { CircuitOpenError, ConfigurationError, type Permit } from '../../lib';
import { Outage, Testbed, RECOVERY } from './testbed';

const ANSWERS: [string, (permit: Permit) => void, object][] = [
  ['success', (permit) => permit.success(), { successes: 1, failures: 0, ignored: 0 }],
  ['failure', (permit) => permit.failure(), { successes: 0, failures: 1, ignored: 0 }],
  ['ignore', (permit) => permit.ignore(), { successes: 0, failures: 0, ignored: 1 }],
];

describe('Permits', () => {
  it('acquire throws CircuitOpenError, tryAcquire gives undefined; both count a rejection', () => {
    const { breaker } = new Testbed().open();

    expect(() => breaker.acquire()).toThrow(CircuitOpenError);
    expect(breaker.tryAcquire()).toBeUndefined();

    expect(breaker.stats.rejected).toBe(2);
  });

  describe.each(ANSWERS)('settled by %s', (_answer, settle, counts) => {
    it('count it', () => {
      const { breaker } = new Testbed();
      const permit = breaker.acquire();
      expect(permit.settled).toBe(false);

      settle(permit);

      expect(permit.settled).toBe(true);
      expect(breaker.stats).toMatchObject({ calls: 1, ...counts });
    });

    it.each(ANSWERS)('take no second answer: %s', (_second, again) => {
      const testbed = new Testbed();
      const permit = testbed.breaker.acquire();
      settle(permit);
      const events = testbed.listen('success', 'failure', 'ignored', 'late');

      again(permit);

      expect(testbed.breaker.stats).toMatchObject({ calls: 1, ...counts, late: 0 });
      expect(events).toEqual([]);
    });
  });

  it('given by tryAcquire count no rejection', () => {
    const { breaker } = new Testbed();

    expect(breaker.tryAcquire()).toBeDefined();

    expect(breaker.stats.rejected).toBe(0);
  });

  it('keep the error as the last one', () => {
    const { breaker } = new Testbed();
    const error = new Outage('down');

    breaker.acquire().failure(error);

    expect(breaker.stats.lastError).toBe(error);
  });

  it('are probes when they were given in half_open', () => {
    const testbed = new Testbed();
    expect(testbed.breaker.acquire().isProbe).toBe(false);

    expect(testbed.halfOpen().breaker.acquire().isProbe).toBe(true);
  });

  it('take a failure by hand for one, whatever handle and ignore say', () => {
    const { breaker } = new Testbed({ failureThreshold: 1, ignore: Outage });

    breaker.acquire().failure(new Outage('down'));

    expect(breaker.state).toBe('open');
  });

  it('may be settled in any order', () => {
    const { breaker } = new Testbed();
    const permits = [breaker.acquire(), breaker.acquire()];

    for (const permit of permits.reverse()) permit.success('answer');

    expect(breaker.stats.successes).toBe(2);
  });
});

describe('A function that is run', () => {
  it('is given no arguments', async () => {
    const { breaker } = new Testbed();
    const fn = jest.fn();

    breaker.executeSync(fn);
    await breaker.execute(fn);

    expect(fn.mock.calls).toEqual([[], []]);
  });
});

describe('executeSync', () => {
  it('returns the value and throws the error as they are', () => {
    const { breaker } = new Testbed();
    const value = {};
    const error = new Outage('down');

    expect(breaker.executeSync(() => value)).toBe(value);
    expect(() =>
      breaker.executeSync(() => {
        throw error;
      }),
    ).toThrow(error);

    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
  });

  it('has its outcome decided when it returns', () => {
    const testbed = new Testbed({ failureThreshold: 1 });

    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('times the call', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 1, slowCallDuration: 10, slowCallRate: 1 } });

    testbed.breaker.executeSync(() => testbed.clock.advance(11));

    expect(testbed.breaker).toMatchObject({ state: 'open', stats: { slow: 1 } });
  });

  it('may be nested in itself', () => {
    const { breaker } = new Testbed();

    expect(breaker.executeSync(() => breaker.executeSync(() => 'inner'))).toBe('inner');

    expect(breaker.stats.successes).toBe(2);
  });

  it('gives the slot of a probe back, however it ends', () => {
    const testbed = new Testbed().halfOpen();

    testbed.cancel(5);

    expect(testbed.breaker.tryAcquire()).toBeDefined();
  });
});

describe('Input that cannot run', () => {
  const NO_FUNCTIONS = [undefined, null, 5, 'fn', {}, Promise.resolve()];
  const NO_OPTIONS = [null, 5, 'options', [], { signal: null }, { signal: {} }, { singal: new AbortController().signal }];
  const untouched = { calls: 0, failures: 0, rejected: 0 };

  it.each(NO_FUNCTIONS)('rejects an execute of %p, and throws for executeSync; nothing is counted', async (fn) => {
    const { breaker } = new Testbed();

    const execution = breaker.execute(fn as never);

    await expect(execution).rejects.toThrow(new RegExp(`^execute of ${breaker.name}: must be given a function to run`));
    await expect(execution).rejects.toBeInstanceOf(ConfigurationError);
    expect(() => breaker.executeSync(fn as never)).toThrow(ConfigurationError);
    expect(() => breaker.executeSync(fn as never)).toThrow(`executeSync of ${breaker.name}: must be given a function to run`);
    expect(breaker.stats).toMatchObject(untouched);
  });

  it('is told apart from options that hold a good signal and something unknown', async () => {
    const options = { signal: new AbortController().signal, singal: 5 };

    await expect(new Testbed().breaker.execute(jest.fn(), options)).rejects.toThrow(/singal/);
  });

  it.each([
    ['listens to nothing', { removeEventListener: jest.fn() }],
    ['lets nobody go', { addEventListener: jest.fn() }],
  ])('is a signal that %s', async (_what, signal) => {
    const execution = new Testbed().breaker.execute(jest.fn(), { signal: signal as never });

    await expect(execution).rejects.toThrow(/signal: .*AbortSignal/);
  });

  it.each(NO_OPTIONS)('rejects an execute with the options %p, never throws', async (options) => {
    const { breaker } = new Testbed();
    const fn = jest.fn();

    const execution = breaker.execute(fn, options as never);

    await expect(execution).rejects.toBeInstanceOf(ConfigurationError);
    expect(fn).not.toHaveBeenCalled();
    expect(breaker.stats).toMatchObject(untouched);
  });

  it.each([
    ['key', { key: () => 'one' }],
    ['scope', { scope: 'instance' as const }],
  ])('is a %s for a breaker by itself, which says what to do instead', (path, options) => {
    const make = (): Testbed => new Testbed(options);

    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(`new Breaker: ${path}: a single breaker serves all calls: protect a function or method to have several`);
  });

  it('takes no slot of a probe', async () => {
    const testbed = new Testbed().halfOpen();

    await expect(testbed.breaker.execute(undefined as never)).rejects.toBeInstanceOf(ConfigurationError);

    expect(testbed.breaker.tryAcquire()?.isProbe).toBe(true);
  });

  it.each([{}, { signal: undefined }, { signal: new AbortController().signal }])('runs with the options %p', async (options) => {
    await expect(new Testbed().breaker.execute(() => 'value', options)).resolves.toBe('value');
  });
});

describe('a probe’s slot', () => {
  it('that was given back does not come back when its holder answers again', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 1, successThreshold: 2 } }).halfOpen();
    const probe = testbed.breaker.acquire();
    testbed.clock.advance(RECOVERY);
    const next = testbed.breaker.acquire();
    probe.success();
    probe.success();
    expect(testbed.breaker).toMatchObject({ state: 'half_open', stats: { late: 0, successes: 1 } });
    testbed.rejection();
    next.success();
    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { late: 0, successes: 2 } });
  });
});
