import { Breaker, breakerOf, BreakerRegistry, CircuitBreaker, withBreaker, type BreakerOptions, type TripRule } from '../../lib';
import { configureBreaker } from '../../lib/breaker/configure';
import { restoreTo, snapshotOf } from '../../lib/breaker/snapshot';
import { Open } from '../../lib/breaker/states';
import { ManualClock } from '../support/manual-clock';
import { Testbed } from './testbed';

const SECOND = 1000;

describe('rule 65: a number of failures in a time', () => {
  const twelveIn20s: BreakerOptions = { window: { type: 'time', duration: '20s', failures: 12 }, failureThreshold: undefined };

  it('opens at the twelfth failure within the time, and says so', () => {
    const testbed = new Testbed(twelveIn20s);
    const transitions = testbed.transitions();
    for (let n = 1; n < 12; n++) {
      testbed.fail();
      testbed.succeed(100);
      testbed.clock.advance(1.8 * SECOND);
    }
    expect(testbed.breaker.state).toBe('closed');

    testbed.fail();

    expect(transitions).toEqual(['closed > open: failure_count']);
  });

  it('stays closed when the first of twelve is older than the time', () => {
    const testbed = new Testbed(twelveIn20s);
    for (let n = 0; n < 100; n++) {
      testbed.fail();
      testbed.clock.advance(1.82 * SECOND);
    }

    expect(testbed.breaker.state).toBe('closed');
  });

  it('begins anew after a recovery', () => {
    const testbed = new Testbed({ window: { type: 'time', duration: '1h', failures: 3 } }).halfOpen();
    testbed.succeed();

    testbed.fail(2);
    expect(testbed.breaker.state).toBe('closed');
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('rule 35: does not open by failures from before the process was frozen', () => {
    const clock = new ManualClock();
    const breaker = new Breaker({ clock, window: { type: 'time', duration: '20s', failures: 2 } });
    breaker.acquire().failure();

    clock.jumpWallTime(30 * SECOND);
    breaker.acquire().failure();
    expect(breaker.state).toBe('closed');
    breaker.acquire().failure();

    expect(breaker.state).toBe('open');
  });

  it('rule 16: keeps its failures, aged, over a snapshot', () => {
    const before = new Testbed(twelveIn20s);
    before.fail(11);
    before.clock.advance(5 * SECOND);
    const snapshot = JSON.parse(JSON.stringify(snapshotOf(before.breaker))) as never;
    const restored = new Testbed(twelveIn20s);
    restoreTo(restored.breaker, snapshot);

    restored.fail();
    expect(restored.breaker.state).toBe('open');

    const later = new Testbed(twelveIn20s);
    restoreTo(later.breaker, { ...(snapshot as object), takenAt: 0 });
    later.fail();
    expect(later.breaker.state).toBe('closed');
  });

  it('rule 18: keeps its failures when the number changes', () => {
    const testbed = new Testbed(twelveIn20s);
    testbed.fail(6);

    configureBreaker(testbed.breaker, { window: { type: 'time', duration: '10s', failures: 7 } });
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it.each([
    ['no failures', { type: 'time', duration: 1, failures: 0 }, 'window.failures'],
    ['a rate as well', { type: 'time', duration: 1, failures: 2, failureRate: 0.5 }, 'window.failureRate'],
    ['a count window', { type: 'count', size: 5, failures: 2 }, 'window.failures'],
  ])('is refused with %s', (_what, window, path) => {
    expect(() => new Breaker({ window } as never)).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }));
  });
});

/** Opens at a number of failures, however many calls worked in between. */
class TotalFailures implements TripRule {
  failures = 0;

  constructor(private readonly most: number) {}

  record(failed: boolean): string | undefined {
    if (failed) this.failures++;
    return this.failures >= this.most ? 'error_budget' : undefined;
  }

  progress(): string {
    return `${this.failures} of ${this.most}`;
  }

  snapshot(): object {
    return { failures: this.failures };
  }

  restore({ failures }: { failures: number }): void {
    this.failures = failures;
  }

  adopt(previous: TripRule): void {
    if (previous instanceof TotalFailures) this.failures = previous.failures;
  }
}

function decorated(options: BreakerOptions): unknown {
  class Api {
    async load(): Promise<string> {
      return 'value';
    }
  }
  return (CircuitBreaker(options) as unknown as (...member: unknown[]) => unknown)(Api.prototype, 'load', Object.getOwnPropertyDescriptor(Api.prototype, 'load'));
}

describe("a trip rule of the user's own", () => {
  const upTo = (most: number): BreakerOptions => ({ tripRule: () => new TotalFailures(most), failureThreshold: undefined });

  it('opens the circuit for its own reason', () => {
    const testbed = new Testbed(upTo(3));
    const events = testbed.listen('transition');
    for (let n = 0; n < 3; n++) {
      testbed.fail();
      testbed.succeed(testbed.breaker.state === 'closed' ? 10 : 0);
    }

    expect(events).toMatchObject([{ from: 'closed', to: 'open', reason: 'error_budget' }]);
  });

  it('is made anew for each closed period', () => {
    const testbed = new Testbed(upTo(2)).halfOpen();
    testbed.succeed();

    testbed.fail();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('is kept over a snapshot, and adopted when options change', () => {
    const testbed = new Testbed(upTo(3));
    testbed.fail(2);
    const other = new Testbed(upTo(3));
    restoreTo(other.breaker, JSON.parse(JSON.stringify(snapshotOf(testbed.breaker))));
    other.fail();
    expect(other.breaker.state).toBe('open');

    configureBreaker(testbed.breaker, upTo(4));
    testbed.fail();
    expect(testbed.breaker.state).toBe('closed');
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('cannot harm a call by a throw, which is reported once', async () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const tripRule = (): TripRule => ({ record() { throw new Error('the rule is wrong'); }, progress: () => '' });
    const breaker = new Breaker({ tripRule });

    await expect(breaker.execute(() => 'value')).resolves.toBe('value');
    await expect(breaker.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');

    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
    expect(breaker.state).toBe('closed');
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it('goes on with the rule before when no other can be made', () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    let isWrong = false;
    const testbed = new Testbed({
      tripRule: () => {
        if (isWrong) throw new Error('the factory is wrong');
        return new TotalFailures(1);
      },
    });
    testbed.halfOpen();

    isWrong = true;
    testbed.succeed();

    expect(testbed.breaker.state).toBe('closed');
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  it('that cannot adopt what was counted leaves the breaker with the rule before', () => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const testbed = new Testbed(upTo(2));
    const adopt = (): never => { throw new Error('adopt is wrong'); };

    configureBreaker(testbed.breaker, { tripRule: () => Object.assign(new TotalFailures(1), { adopt }) });
    testbed.fail();
    expect(testbed.breaker.state).toBe('closed');
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
    expect(warnings).toHaveBeenCalledTimes(1);
    warnings.mockRestore();
  });

  describe.each<[string, unknown, RegExp]>([
    ['gives nothing', () => undefined, /a trip rule \(with record\); received/],
    ['gives an object that records nothing', () => ({ progress: () => '' }), /a trip rule \(with record\); received/],
    ['is a class', TotalFailures, /it threw TypeError: Class constructor TotalFailures cannot be invoked/],
    ['throws', () => { throw new Error('no rule today'); }, /it threw Error: no rule today/],
    ['is no function', { record: () => undefined }, /a trip rule \(with record\); received/],
  ])('whose factory %s', (_how, factory, message) => {
    const options = { tripRule: factory } as BreakerOptions;
    const refusal = expect.objectContaining({ code: 'BREAKER_CONFIG', message: expect.stringMatching(message) as never, issues: [expect.objectContaining({ path: 'tripRule', received: factory })] });

    it.each<[string, (registry: BreakerRegistry) => unknown]>([
      ['a breaker', () => new Breaker(options)],
      ['a wrapper', (registry) => withBreaker(async () => 'value', { registry, ...options })],
      ['a wrapper with a breaker for each key', (registry) => withBreaker(async (key: string) => key, { registry, key: (key) => key, ...options })],
      ['a decorator', (registry) => decorated({ registry, ...options })],
      ['breakerOf', (registry) => breakerOf('op', options, registry)],
    ])('is refused where %s is made, and nothing is left behind', (_what, make) => {
      const registry = new BreakerRegistry();

      expect(() => make(registry)).toThrow(refusal);
      expect(registry.names()).toEqual([]);
    });

    it('is refused by a live change, and changes nothing', () => {
      const testbed = new Testbed(upTo(2));
      expect(() => { configureBreaker(testbed.breaker, options); }).toThrow(refusal);
      testbed.fail(2);
      expect(testbed.breaker.state).toBe('open');
    });
  });

  it('is tried once, however often its options are looked at', () => {
    const factory = jest.fn(() => new TotalFailures(1));
    const wrapped = withBreaker(async () => 'value', { registry: new BreakerRegistry(), tripRule: factory });
    const { calls } = factory.mock;

    expect(calls).toEqual([[{ failureCount: 0 }], [wrapped.breaker]]);
    expect(wrapped.pipeline).toHaveLength(1);
    expect(calls).toHaveLength(2);
  });

  it('may have an open state of its own', () => {
    class Late extends TotalFailures {
      openState(breaker: Breaker, openTimeMs: number): Open {
        return new Open(breaker, breaker.ageNow(), openTimeMs * 2, 0);
      }
    }
    const testbed = new Testbed({ tripRule: () => new Late(1), recoveryTimeout: SECOND });

    testbed.fail();

    expect(testbed.breaker.retryAfter).toBe(2 * SECOND);
  });

  it.each<[string, () => Open, number]>([
    ['throws', () => { throw new Error('openState is wrong'); }, 1],
    ['gives none', () => ({}) as Open, 0],
  ])('whose open state %s opens the circuit as usual', async (_how, openState, warned) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const clock = new ManualClock();
    const breaker = new Breaker({ clock, tripRule: () => Object.assign(new TotalFailures(1), { openState }), recoveryTimeout: SECOND });

    await expect(breaker.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect([breaker.state, breaker.retryAfter]).toEqual(['open', SECOND]);
    clock.advance(SECOND);
    await expect(breaker.execute(() => Promise.reject(new Error('still down')))).rejects.toThrow('still down');

    expect([breaker.state, breaker.retryAfter]).toEqual(['open', SECOND]);
    expect(warnings).toHaveBeenCalledTimes(warned);
    warnings.mockRestore();
  });

  it.each(['failureThreshold', 'window'] as const)('goes without %s', (name) => {
    const others = { failureThreshold: 3, window: { type: 'count', size: 3 } } as const;
    expect(() => new Breaker({ tripRule: () => new TotalFailures(1), [name]: others[name] })).toThrow(`${name}: tripRule replaces ${name}`);
  });
});

describe('how near a circuit is to opening', () => {
  const progressOf = ({ breaker }: Testbed): string => breaker.closed.rule.progress(breaker.ageNow());

  it.each<[string, BreakerOptions, string]>([
    ['failures in a row', { failureThreshold: 10 }, '2 of 10'],
    ['a rate of a count window', { window: { type: 'count', size: 10 } }, '2 of 5'],
    ['a rate of a time window', { window: { type: 'time', duration: '1m', minimumCalls: 8, failureRate: 0.75 } }, '2 of 6'],
    ['a number in a time', { window: { type: 'time', duration: '1m', failures: 12 } }, '2 of 12'],
  ])('is told by %s', (_rule, options, progress) => {
    const testbed = new Testbed(options);
    testbed.fail(2);

    expect(progressOf(testbed)).toBe(progress);
  });
});
