import { Breaker, ConfigurationError, type BreakerOptions, type ErrorClass } from '../../lib';
import { configure, restore, snapshot } from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';
import { Outage, RECOVERY, Testbed } from './testbed';

/** What `new Breaker` throws. */
function refusal(options: unknown): ConfigurationError {
  try {
    new Breaker(options as BreakerOptions);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

const WRONG_DURATIONS = [NaN, -1, 0, '', '5', '5 s', '5sec', '-5s', '0s', 's', '1e3ms', 'Infinity', `${'9'.repeat(200)}ms`, null, true, {}, [], 5n];
const WRONG_INTEGERS = [NaN, -1, 0, 0.5, -Infinity, '3', null, true, {}, [3], 3n];
const WRONG_RATIOS = [NaN, -0.1, 1.1, Infinity, '0.5', '50%', null, true, {}];
const WRONG_FUNCTIONS = [null, true, 1, 'isDown', {}];

/** Each option with what it must not be. */
const WRONG: Record<string, { path: string; options: (wrong: unknown) => object; values: unknown[] }> = {
  name: { path: 'name', options: (name) => ({ name }), values: [null, 5, true, {}, Symbol('users')] },
  failureThreshold: { path: 'failureThreshold', options: (failureThreshold) => ({ failureThreshold }), values: WRONG_INTEGERS },
  recoveryTimeout: { path: 'recoveryTimeout', options: (recoveryTimeout) => ({ recoveryTimeout }), values: WRONG_DURATIONS },
  window: { path: 'window', options: (window) => ({ window }), values: [null, true, 10, '10s', {}, { type: 'sliding' }, { size: 5 }] },
  'size of a count window': {
    path: 'window.size',
    options: (size) => ({ window: { type: 'count', size } }),
    values: [...WRONG_INTEGERS, Infinity, undefined],
  },
  'duration of a time window': {
    path: 'window.duration',
    options: (duration) => ({ window: { type: 'time', duration } }),
    values: [...WRONG_DURATIONS, Infinity, undefined],
  },
  minimumCalls: {
    path: 'window.minimumCalls',
    options: (minimumCalls) => ({ window: { type: 'count', size: 5, minimumCalls } }),
    values: [...WRONG_INTEGERS, 6, Infinity],
  },
  failureRate: {
    path: 'window.failureRate',
    options: (failureRate) => ({ window: { type: 'count', size: 5, failureRate } }),
    values: [...WRONG_RATIOS, 0],
  },
  slowCallRate: {
    path: 'window.slowCallRate',
    options: (slowCallRate) => ({ window: { type: 'count', size: 5, slowCallDuration: 10, slowCallRate } }),
    values: [...WRONG_RATIOS, 0, undefined],
  },
  slowCallDuration: {
    path: 'window.slowCallDuration',
    options: (slowCallDuration) => ({ window: { type: 'count', size: 5, slowCallDuration, slowCallRate: 0.5 } }),
    values: [...WRONG_DURATIONS, Infinity, undefined],
  },
  recoveryBackoff: { path: 'recoveryBackoff', options: (recoveryBackoff) => ({ recoveryBackoff }), values: [null, true, 2, '2s', []] },
  'factor of recoveryBackoff': {
    path: 'recoveryBackoff.factor',
    options: (factor) => ({ recoveryBackoff: { factor } }),
    values: [NaN, -2, 0, 0.9, Infinity, '2', null],
  },
  'max of recoveryBackoff': {
    path: 'recoveryBackoff.max',
    options: (max) => ({ recoveryTimeout: 100, recoveryBackoff: { max } }),
    values: [...WRONG_DURATIONS, Infinity],
  },
  'jitter of recoveryBackoff': {
    path: 'recoveryBackoff.jitter',
    options: (jitter) => ({ recoveryBackoff: { jitter } }),
    values: WRONG_RATIOS,
  },
  halfOpen: { path: 'halfOpen', options: (halfOpen) => ({ halfOpen }), values: [null, true, 2, '2s', [], new Date(0)] },
  maxCalls: { path: 'halfOpen.maxCalls', options: (maxCalls) => ({ halfOpen: { maxCalls } }), values: [...WRONG_INTEGERS, Infinity] },
  successThreshold: {
    path: 'halfOpen.successThreshold',
    options: (successThreshold) => ({ halfOpen: { successThreshold } }),
    values: [...WRONG_INTEGERS, Infinity],
  },
  probeTimeout: {
    path: 'halfOpen.probeTimeout',
    options: (probeTimeout) => ({ halfOpen: { probeTimeout } }),
    values: [...WRONG_DURATIONS, Infinity],
  },
  handle: { path: 'handle', options: (handle) => ({ handle }), values: [null, true, 'Error', {}, [], ['Error'], [Error, () => true], /down/] },
  ignore: { path: 'ignore', options: (ignore) => ({ ignore }), values: [null, true, 'Error', {}, [], [Map]] },
  handleResult: { path: 'handleResult', options: (handleResult) => ({ handleResult }), values: WRONG_FUNCTIONS },
  classify: { path: 'classify', options: (classify) => ({ classify }), values: WRONG_FUNCTIONS },
  key: { path: 'key', options: (key) => ({ key }), values: WRONG_FUNCTIONS },
  maxKeys: { path: 'maxKeys', options: (maxKeys) => ({ maxKeys }), values: [...WRONG_INTEGERS, Infinity] },
  idleKeys: { path: 'idleKeys', options: (idleKeys) => ({ idleKeys }), values: [...WRONG_DURATIONS, Infinity] },
  scope: { path: 'scope', options: (scope) => ({ scope }), values: [null, 'object', true, {}] },
  rejectionStacks: { path: 'rejectionStacks', options: (rejectionStacks) => ({ rejectionStacks }), values: [null, 0, 1, 'true'] },
  registry: { path: 'registry', options: (registry) => ({ registry }), values: [null, {}, true, new Map()] },
  clock: { path: 'clock', options: (clock) => ({ clock }), values: [null, {}, Date, { now: () => 0 }] },
  random: { path: 'random', options: (random) => ({ random }), values: [null, 0.5, {}, Math] },
};

const CASES = Object.entries(WRONG).flatMap(([what, { path, options, values }]) =>
  values.map((value): [string, string, string, object, unknown] => [what, shown(value), path, options(value), value]),
);

function shown(value: unknown): string {
  if (typeof value === 'symbol' || typeof value === 'bigint' || typeof value === 'number') return String(value);
  if (typeof value === 'function') return `function ${value.name}`;
  return JSON.stringify(value)?.slice(0, 30) ?? String(value);
}

describe('Options that cannot work are refused', () => {
  it.each(CASES)('%s: %s', (_what, _shown, path, options, received) => {
    const error = refusal(options);

    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'BREAKER_CONFIG' });
    expect(error.issues).toEqual([{ path, message: expect.stringMatching(/\w/), received }]);
    expect(error.message).toContain(path);
  });

  it.each([null, 5, 'users.fetch', true, [], [1], new Map(), new Date(0), () => undefined])('instead of options: %p', (options) => {
    expect(refusal(options).issues).toMatchObject([{ path: '', message: 'must be an object of options', received: options }]);
  });

  it('all at once, in one error', () => {
    const { issues, message } = refusal({
      failureThreshold: 0,
      recoveryTimeout: 'soon',
      halfOpen: { maxCalls: NaN, probeTimeout: -1 },
      window: { type: 'count', size: 5, minimumCalls: 6 },
      handle: 'Error',
    });

    const paths = ['failureThreshold', 'recoveryTimeout', 'halfOpen.maxCalls', 'halfOpen.probeTimeout', 'window.minimumCalls', 'handle'];
    expect(issues.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
    for (const path of paths) expect(message).toContain(path);
  });

  it('in both ways of tripping in one object', () => {
    expect(refusal({ failureThreshold: 5, window: { type: 'count', size: 5 } }).issues).toMatchObject([
      { path: 'failureThreshold', received: 5 },
    ]);
  });

  it.each([['key', { key: () => 'host' }], ['scope', { scope: 'instance' }]])(
    'for a single breaker that cannot be many: %s',
    (path, options) => {
      expect(refusal(options).issues).toMatchObject([{ path }]);
    },
  );

  it('in key and scope that exclude each other', () => {
    expect(refusal({ key: () => 'host', scope: 'instance' }).issues).toMatchObject([{ path: 'key' }]);
  });

});

describe('Unknown options are refused, with the one that was meant', () => {
  it.each([
    [{ failureTreshold: 3 }, 'failureTreshold', 'failureThreshold'],
    [{ failurethreshold: 3 }, 'failurethreshold', 'failureThreshold'],
    [{ recoveryTimout: 5 }, 'recoveryTimout', 'recoveryTimeout'],
    [{ halfOpen: { maxCall: 1 } }, 'halfOpen.maxCall', 'maxCalls'],
    [{ window: { type: 'count', size: 5, minimalCalls: 3 } }, 'window.minimalCalls', 'minimumCalls'],
  ])('%j', (options, path, meant) => {
    expect(refusal(options).issues).toMatchObject([{ path, message: expect.stringContaining(`did you mean ${meant}?`) }]);
  });

  it.each(['retries', 'toString', 'hasOwnProperty', '', 'a.b', '.', 'halfOpen.maxCalls'])('and all options when none is like it: %j', (name) => {
    const { issues } = refusal({ [name]: 5 });

    expect(issues).toMatchObject([{ received: 5 }]);
    expect(issues[0]!.message).toMatch(/^unknown option; (the options are name, |did you mean )/);
  });
});

const TOP_LEVEL = Object.values(WRONG).map(({ path }) => path).filter((path) => !path.includes('.'));

describe('Options are values', () => {
  it('are not changed', () => {
    const options = deepFrozen({
      name: 'users.fetch',
      recoveryTimeout: '5s',
      window: { type: 'count', size: 5 },
      recoveryBackoff: {},
      halfOpen: {},
      handle: [RangeError],
    } as const);

    const breaker = new Breaker(options);
    configure(breaker, { recoveryTimeout: '6s' });

    expect(breaker.retryAfter).toBe(0);
  });

  it('take undefined for the default', () => {
    const given = Object.fromEntries(TOP_LEVEL.map((name) => [name, undefined]));

    expect(snapshot(new Breaker(given))).toMatchObject({ name: 'anonymous', state: 'closed' });
  });
});

describe('rule 18: options are copied at construction', () => {
  it('does not see what becomes of the object it was given, nor of the objects in it', () => {
    const options = {
      failureThreshold: 2,
      recoveryTimeout: RECOVERY,
      halfOpen: { successThreshold: 1 },
      handle: [RangeError] as ErrorClass[],
      clock: new ManualClock(),
    };
    const testbed = new Testbed(options);
    const { breaker } = testbed;

    Object.assign(options, { failureThreshold: 1 });
    options.halfOpen.successThreshold = 9;
    options.handle.push(Outage);
    configure(breaker, { maxKeys: 7 });

    testbed.fail(1, new Outage('not handled'));
    testbed.fail(1, new RangeError());
    expect(breaker).toMatchObject({ state: 'closed', failureCount: 1 });
    testbed.fail(1, new RangeError());
    options.clock.advance(RECOVERY);
    breaker.acquire().success();
    expect(breaker.state).toBe('closed');
  });

  it('shares no state between breakers of one options object', () => {
    const options: BreakerOptions = { failureThreshold: 1, window: undefined, halfOpen: { maxCalls: 2 } };
    const one = new Testbed(options);
    const other = new Testbed(options);

    one.open();
    configure(one.breaker, { recoveryTimeout: 5 });

    expect(other.breaker).toMatchObject({ state: 'closed', failureCount: 0 });
    expect(other.breaker.stats).toEqual(new Testbed().breaker.stats);
    other.open();
    expect(other.breaker.retryAfter).toBe(RECOVERY);
  });

  it('shares no window between breakers of one options object', () => {
    const options: BreakerOptions = { window: { type: 'count', size: 2 } };
    const one = new Testbed(options);
    const other = new Testbed(options);

    one.fail();
    other.fail();

    expect([one.breaker.state, other.breaker.state]).toEqual(['closed', 'closed']);
  });

  it('asks the clock object that it was given, be it a plain one, not a copy', () => {
    const clock = {
      time: 0,
      now() {
        return this.time;
      },
      setTimeout: () => undefined,
      clearTimeout: () => undefined,
    };
    const { breaker } = new Testbed({ clock, failureThreshold: 1 }).open();

    clock.time = 400;
    expect(breaker.retryAfter).toBe(600);
    configure(breaker, { failureThreshold: 2 });
    clock.time = 500;

    expect(breaker.retryAfter).toBe(500);
  });
});

describe('rule 18: configure applies to the next decision', () => {
  it('opens at the next failure when the threshold sinks to the count', () => {
    const testbed = new Testbed({ failureThreshold: 10 });
    testbed.fail(3);

    configure(testbed.breaker, { failureThreshold: 3 });
    expect(testbed.breaker.state).toBe('closed');
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('keeps the count when the threshold rises', () => {
    const testbed = new Testbed({ failureThreshold: 3 });
    testbed.fail(2);

    configure(testbed.breaker, { failureThreshold: 4 });
    testbed.fail();
    expect(testbed.breaker.state).toBe('closed');
    testbed.fail();

    expect(testbed.breaker.state).toBe('open');
  });

  it('moves the end of an open time that has not passed', () => {
    const testbed = new Testbed().open();
    testbed.clock.advance(300);

    configure(testbed.breaker, { recoveryTimeout: 400 });

    expect(testbed.breaker.retryAfter).toBe(100);
  });

  it('does not open again a circuit whose open time has passed', () => {
    const testbed = new Testbed().halfOpen();

    configure(testbed.breaker, { recoveryTimeout: 10 * RECOVERY });

    expect(testbed.breaker.state).toBe('half_open');
  });

  it('gives more probes at once', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.acquire();

    configure(testbed.breaker, { halfOpen: { maxCalls: 2 } });

    expect(testbed.breaker.tryAcquire()).toBeDefined();
    expect(testbed.breaker.tryAcquire()).toBeUndefined();
  });

  it('keeps what the window still holds', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 10 } });
    testbed.succeed(4);
    testbed.fail(4);

    configure(testbed.breaker, { window: { type: 'count', size: 5 } });

    expect(testbed.breaker.stats.failureRate).toBe(0.8);
  });

  it('begins to judge by a window, which is empty yet', () => {
    const testbed = new Testbed({ failureThreshold: undefined });
    testbed.fail(3);

    configure(testbed.breaker, { window: { type: 'count', size: 4, failureRate: 0.5 } });
    expect(testbed.breaker.stats.failureRate).toBe(0);
    testbed.succeed(2);
    testbed.fail(2);

    expect(testbed.breaker.state).toBe('open');
  });

  it('goes back from a window to the consecutive count', () => {
    const testbed = new Testbed();
    configure(testbed.breaker, { window: { type: 'count', size: 100 } });
    testbed.fail(2);

    configure(testbed.breaker, { window: undefined });
    testbed.fail(3);

    expect(testbed.breaker.state).toBe('open');
  });

  it('gives a backoff to an open circuit that has reopened before', () => {
    const testbed = new Testbed().halfOpen();
    testbed.fail();

    configure(testbed.breaker, { recoveryBackoff: { factor: 3 } });

    expect(testbed.breaker.retryAfter).toBe(3 * RECOVERY);
  });

  it('leaves the open time of a restored circuit alone, unless it is about it', () => {
    const saved = new Testbed({ recoveryTimeout: 5 * RECOVERY }).open();
    const { breaker } = new Testbed();
    restore(breaker, snapshot(saved.breaker));

    configure(breaker, { failureThreshold: 2 });
    expect(breaker.retryAfter).toBe(5 * RECOVERY);
    configure(breaker, { recoveryTimeout: 2 * RECOVERY });

    expect(breaker.retryAfter).toBe(2 * RECOVERY);
  });

  it('gives a restored circuit the configured open time as soon as its backoff changes, though both backoffs come to the same', () => {
    const saved = new Testbed({ recoveryTimeout: Infinity }).open();
    const { breaker } = new Testbed();
    restore(breaker, snapshot(saved.breaker));

    configure(breaker, { recoveryBackoff: { factor: 1 } });

    expect(breaker.retryAfter).toBe(RECOVERY);
  });

  it.each<[string, () => string | Promise<never>]>([
    ['value', () => 'answer'],
    ['error', () => Promise.reject(new Outage('down'))],
  ])('has the %s of a call under way judged by the classify that came meanwhile', async (_what, end) => {
    const { breaker } = new Testbed();
    let go!: () => void;
    const gate = new Promise<void>((resolve) => { go = resolve; });
    const call = breaker.execute(() => gate.then(end)).catch(() => 'failed');

    configure(breaker, { classify: () => 'ignored' });
    go();

    expect(['answer', 'failed']).toContain(await call);
    expect(breaker.stats).toMatchObject({ ignored: 1, successes: 0, failures: 0 });
  });

  it('replaces nested objects whole', () => {
    const testbed = new Testbed({ halfOpen: { maxCalls: 3, successThreshold: 2 } }).halfOpen();

    configure(testbed.breaker, { halfOpen: { successThreshold: 1 } });

    expect(testbed.breaker.tryAcquire()).toBeDefined();
    expect(testbed.breaker.tryAcquire()).toBeUndefined();
  });

  it('keeps what another configure said before', () => {
    const testbed = new Testbed();

    configure(testbed.breaker, { failureThreshold: 1 });
    configure(testbed.breaker, { recoveryTimeout: 5000 });
    testbed.fail();

    expect(testbed.breaker.retryAfter).toBe(5000);
  });

  it('takes undefined back to what lies beneath what was configured', () => {
    const testbed = new Testbed({ failureThreshold: 3 });

    configure(testbed.breaker, { failureThreshold: 1 });
    configure(testbed.breaker, { failureThreshold: undefined });
    testbed.fail(2);

    expect(testbed.breaker.state).toBe('closed');
  });

  it('keeps no more after a thousand changes than after one', () => {
    const { breaker } = new Testbed();
    for (let failureThreshold = 1; failureThreshold <= 1000; failureThreshold++) configure(breaker, { failureThreshold });

    expect(breaker.settings.levels).toHaveLength(2);
  });

  it('asks the new predicates about attempts that end afterwards', () => {
    const testbed = new Testbed({ failureThreshold: 1 });

    configure(testbed.breaker, { ignore: Outage });
    testbed.fail();

    expect(testbed.breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('does not see what becomes of its object', () => {
    const testbed = new Testbed();
    const change = { failureThreshold: 3, halfOpen: { maxCalls: 1 } };
    configure(testbed.breaker, change);

    change.failureThreshold = 1;
    change.halfOpen.maxCalls = 5;
    configure(testbed.breaker, { recoveryTimeout: RECOVERY });
    testbed.fail(2);
    expect(testbed.breaker.state).toBe('closed');
    testbed.halfOpen().breaker.acquire();

    expect(testbed.breaker.tryAcquire()).toBeUndefined();
  });

  it('takes a max of the backoff that goes with the recoveryTimeout it has', () => {
    const testbed = new Testbed({ recoveryTimeout: 100 });

    configure(testbed.breaker, { recoveryBackoff: { factor: 10, max: 200 } });
    testbed.open();
    testbed.clock.advance(100);
    testbed.fail();

    expect(testbed.breaker.retryAfter).toBe(200);
  });

  it.each<[string, object, string]>([
    ['a wrong value', { failureThreshold: 0 }, 'failureThreshold'],
    ['an unknown name', { treshold: 1 }, 'treshold'],
    ['the name', { name: 'another' }, 'name'],
    ['the key', { key: () => 'host' }, 'key'],
    ['the scope', { scope: 'instance' }, 'scope'],
    ['the clock', { clock: new ManualClock() }, 'clock'],
    ['both ways of tripping', { failureThreshold: 3, window: { type: 'count', size: 3 } }, 'failureThreshold'],
    ['null', null as never, ''],
  ])('refuses %s and changes nothing', (_what, change, path) => {
    const testbed = new Testbed({ name: 'users.fetch', failureThreshold: 2, recoveryBackoff: { max: '1h' } });
    testbed.fail();

    expect(() => configure(testbed.breaker, change)).toThrow(
      expect.objectContaining({ code: 'BREAKER_CONFIG', issues: [expect.objectContaining({ path })] }),
    );
    expect(() => configure(testbed.breaker, change)).toThrow(/users\.fetch/);
    testbed.fail();

    expect(testbed.breaker).toMatchObject({ name: 'users.fetch', state: 'open', retryAfter: RECOVERY });
  });
});

function deepFrozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object') deepFrozen(part as object);
  return Object.freeze(value);
}

describe('the fewest calls that a count window judges', () => {
  it.each([[3, 3], [1, 3], [undefined, 3]])('may be %s of %d', (minimumCalls, size) => {
    expect(() => new Breaker({ window: { type: 'count', size, minimumCalls } })).not.toThrow();
  });

  it('cannot be more than it holds', () => {
    expect(refusal({ window: { type: 'count', size: 3, minimumCalls: 4 } }).message).toBe(
      'new Breaker: window.minimumCalls: must not be above size (3); received 4',
    );
    expect(refusal({ window: { type: 'count', minimumCalls: 4 } }).message).toBe('new Breaker: window.size: is required; received undefined');
    expect(() => new Breaker({ window: { type: 'time', duration: 1, minimumCalls: 4 } })).not.toThrow();
  });
});

describe('one object of options', () => {
  it('has all that it contradicts itself in named at once', () => {
    expect(refusal({ name: 'a', failureThreshold: 3, window: { type: 'count', size: 2, minimumCalls: 5 } }).message).toBe(`new Breaker:
  - window.minimumCalls: must not be above size (2); received 5
  - failureThreshold: window replaces failureThreshold: give one of them; received 3`);
  });

  it.each<[string, BreakerOptions]>([
    ['no recoveryTimeout, below whose default its backoff may be', { recoveryBackoff: { factor: 3 } }],
    ['a recoveryTimeout without end', { recoveryTimeout: Infinity, recoveryBackoff: { max: 1 } }],
    ['a backoff that ends where it begins', { recoveryTimeout: 1000, recoveryBackoff: { max: 1000 } }],
    ['a recoveryTimeout above the max of its backoff', { recoveryTimeout: '20m', recoveryBackoff: {} }],
    ['options that are undefined', { failureThreshold: undefined, window: { type: 'count', size: 2 } }],
  ])('may have %s', (_what, options) => {
    expect(new Breaker({ name: 'a', ...options }).name).toBe('a');
  });
});
