import {
  bulkhead, BreakerRegistry, enableCallContext, RateLimit, retry, withPolicies, withRegistry, type BulkheadOptions, type Policy,
} from '../../lib';
import { pending, rejectionOf } from './support/flaky';
import { errorOf } from '../support/decorator-fixtures/misuse';
import { reactions, TimerClock } from '../support/timer-clock';

const pool: BulkheadOptions = { maxConcurrent: 1, group: 'pool' };

/** Operations `a` and `b` of one registry, each with a bulkhead, and a function whose calls end when the test says so. */
function twoOf(given: BulkheadOptions, other: BulkheadOptions = given) {
  const clock = new TimerClock();
  const registry = new BreakerRegistry({ clock });
  const fn = pending();
  const a = withPolicies((...args: unknown[]) => fn('a', ...args), { name: 'a', registry, bulkhead: given });
  const b = withPolicies((...args: unknown[]) => fn('b', ...args), { name: 'b', registry, bulkhead: other });
  return { clock, registry, fn, a, b };
}

describe('rule 61: a group is one limit for all operations of a registry that name it', () => {
  it('of calls at a time', async () => {
    const { fn, a, b } = twoOf({ ...pool, maxConcurrent: 2 });
    const first = a();
    void b();
    const error = await rejectionOf(a());
    expect(error).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', operation: 'a', running: 2 });
    expect((error as Error).message).toBe("2 calls of the group 'pool' are running and 0 waiting: no room for another one of a");
    fn.calls[0]!.resolve();
    await first;
    void b();
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['b']]);
  });

  it('of calls in a time', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const rateLimit = { limit: 2, group: 'quota' };
    const a = withPolicies(async () => 'a', { name: 'a', registry, rateLimit });
    const b = withPolicies(async () => 'b', { name: 'b', registry, rateLimit });
    expect([await a(), await b()]).toEqual(['a', 'b']);
    expect(await rejectionOf(b())).toMatchObject({ code: 'BREAKER_RATE_LIMITED', operation: 'b' });
  });

  it('of calls while the dependency refuses many', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const throttle = { group: 'backend', random: () => 0 };
    const a = withPolicies(async () => { throw new Error('503'); }, { name: 'a', registry, throttle });
    const b = withPolicies(async () => 'it', { name: 'b', registry, throttle });
    await rejectionOf(a());
    expect(await rejectionOf(b())).toMatchObject({ code: 'BREAKER_THROTTLED', operation: 'b' });
  });

  it('which knows the rejections of each operation’s own policies', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const throttle = { group: 'backend', random: () => 0 };
    const a = withPolicies(async () => 'it', { name: 'a', registry, throttle });
    const b = withPolicies(async () => 'it', { name: 'b', registry, throttle, rateLimit: 1 });
    await a();
    await b();
    for (let n = 0; n < 9; n++) expect(await rejectionOf(b())).toMatchObject({ code: 'BREAKER_RATE_LIMITED' });
  });

  it('in lists and decorators too', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const fn = pending();
    void withPolicies(fn, [bulkhead({ ...pool, name: 'a', registry })])();
    expect(await rejectionOf(withPolicies(fn, [bulkhead({ ...pool, name: 'b', registry })])())).toMatchObject({ operation: 'b' });
    class Api {
      @RateLimit({ limit: 1, group: 'quota', registry })
      async read(): Promise<string> { return 'read'; }

      @RateLimit({ limit: 1, group: 'quota', registry })
      async write(): Promise<string> { return 'written'; }
    }
    expect(await new Api().read()).toBe('read');
    expect(await rejectionOf(new Api().write())).toMatchObject({ operation: 'Api.write' });
  });

  it('and another one in another registry', async () => {
    const fn = pending();
    for (const registry of [new BreakerRegistry(), new BreakerRegistry()]) void withPolicies(fn, { name: 'a', registry, bulkhead: pool })();
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('and another one of each kind', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const wrapped = withPolicies(async () => 'it', { name: 'a', registry, bulkhead: pool, rateLimit: { limit: 1, group: 'pool' } });
    expect(await wrapped()).toBe('it');
    expect(await rejectionOf(wrapped())).toMatchObject({ code: 'BREAKER_RATE_LIMITED' });
  });

  it('for each key, where it has a `key`', async () => {
    const { fn, a, b } = twoOf({ ...pool, key: (host: string) => host });
    void a('x');
    expect(await rejectionOf(b('x'))).toMatchObject({ operation: 'b', key: 'x' });
    void b('y');
    expect(fn.mock.calls).toEqual([['a', 'x'], ['b', 'y']]);
  });

  it('whose waiters are served in the order they came, whatever their operation', async () => {
    const { clock, fn, a, b } = twoOf({ ...pool, maxQueue: 5, maxWait: '1m' });
    for (const call of [a, b, a, b]) void call();
    for (let at = 0; at < 4; at++) {
      fn.calls[at]!.resolve();
      await reactions();
    }
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['a'], ['b']]);
    expect(clock.armed).toBe(0);
  });

  it('but one policy object in two lists is a limit each', () => {
    const registry = new BreakerRegistry();
    const fn = pending();
    const own: Policy = bulkhead({ maxConcurrent: 1, registry });
    void withPolicies(fn, [own])();
    void withPolicies(fn, [own])();
    expect(fn).toHaveBeenCalledTimes(2);
  });
});

const [one, another] = [{ ...pool, maxQueue: 1, maxWait: 10 }, { ...pool, maxConcurrent: 3 }];
const conflict = {
  code: 'BREAKER_CONFIG', operation: 'b',
  issues: [{ path: 'maxConcurrent', received: 3 }, { path: 'maxQueue', received: 0 }, { path: 'maxWait', received: undefined }],
  message: expect.stringContaining("bulkhead of b:\n  - maxConcurrent: the group 'pool' has 1, which a gave it; operations of one group must agree; received 3") as string,
};

describe('rule 61: the options of a group must agree', () => {
  it('or the operation that comes second is refused where it is protected, with an error that names both, and is not registered', () => {
    const registry = new BreakerRegistry();
    const protect = (name: string, given: BulkheadOptions) => withPolicies(async () => name, { name, registry, bulkhead: given });
    protect('a', one);
    expect(errorOf(() => protect('b', another))).toMatchObject(conflict);
    expect(registry.names()).toEqual(['a']);
    expect(() => protect('b', one)).not.toThrow();
  });

  it.each<[string, object, object]>([
    ['rate limits', { rateLimit: { limit: 1, group: 'g' } }, { rateLimit: { limit: 2, group: 'g' } }],
    ['throttles', { throttle: { k: 3, group: 'g' } }, { throttle: { k: 2, group: 'g' } }],
    ['caches', { cache: { ttl: 1000, group: 'g' } }, { cache: { ttl: 2000, group: 'g' } }],
    ['budgets', { retry: { budget: { ratio: 0.1, group: 'g' } } }, { retry: { budget: { ratio: 0.2, group: 'g' } } }],
  ])('of %s too', (_what, given, other) => {
    const registry = new BreakerRegistry();
    withPolicies(async () => 'a', { name: 'a', registry, ...given });
    expect(() => withPolicies(async () => 'b', { name: 'b', registry, ...other })).toThrow(/the group 'g' has .*, which a gave it/);
    expect(() => withPolicies(async () => 'c', { name: 'c', registry: new BreakerRegistry(), ...other })).not.toThrow();
  });

  it('in the registry that a list names, and for methods of one class', () => {
    const registry = new BreakerRegistry();
    withPolicies(async () => 'a', [bulkhead(one), retry({ registry, name: 'a' })]);
    expect(() => withPolicies(async () => 'b', [bulkhead(another), retry({ registry, name: 'b' })])).toThrow(/the group 'pool'/);
    expect(() => withPolicies(async () => 'b', [bulkhead(another), retry({ registry: new BreakerRegistry(), name: 'b' })])).not.toThrow();
    expect(() => {
      class Api {
        @RateLimit({ limit: 1, group: 'quota', registry })
        async read(): Promise<string> { return 'read'; }

        @RateLimit({ limit: 2, group: 'quota', registry })
        async write(): Promise<string> { return 'written'; }
      }
      return new Api();
    }).toThrow(/limit: the group 'quota' has 1/);
  });

  it('leaves nothing behind of an application that is refused for another reason', () => {
    const registry = new BreakerRegistry();
    expect(() => withPolicies(async () => 'a', [bulkhead(one), retry({ registry, name: 'a' }), retry({ name: 'b' })])).toThrow(/different names/);
    expect(() => withPolicies(async () => 'b', { name: 'b', registry, bulkhead: another })).not.toThrow();
  });

  it('and an operation that is the only one of its group may be protected anew with others', async () => {
    const registry = new BreakerRegistry();
    const fn = pending();
    const [, call] = [one, another].map((given) => withPolicies(fn, { name: 'a', registry, bulkhead: given }));
    for (let n = 0; n < 3; n++) void call!();
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('where functions of the same text do', async () => {
    const keyOf = () => (host: string) => host;
    const { fn, a, b } = twoOf({ ...pool, key: keyOf() }, { ...pool, key: keyOf() });
    void a('x');
    void b('y');
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it.each([undefined, Infinity])('and a queue needs a maxWait, not %p', (maxWait) => {
    expect(() => twoOf({ ...pool, maxQueue: 1, maxWait })).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'bulkhead.maxWait', message: expect.stringContaining('a queue in a group needs one') as unknown })] }),
    );
  });

  it('and its name is a text', () => {
    expect(() => twoOf({ ...pool, group: 7 as never })).toThrow(expect.objectContaining({ code: 'BREAKER_CONFIG' }));
  });
});

describe('rule 61: a call that holds a slot of a group takes no second one', () => {
  function nested(given: BulkheadOptions = pool, innerGiven = given) {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const inner = withPolicies(async (..._args: unknown[]) => 'inner', { name: 'inner', registry, bulkhead: innerGiven });
    const between = withPolicies(async () => inner('k'), { name: 'between', registry, breaker: {} });
    const outer = withPolicies(async (run: () => unknown) => run(), { name: 'outer', registry, retry: { maxAttempts: 2 }, bulkhead: given, timeout: '1s' });
    return { registry, inner, between, outer };
  }

  it('where it calls another operation of the group, itself or through one without', async () => {
    const { inner, between, outer } = nested();
    expect(await outer(() => inner())).toBe('inner');
    expect(await outer(() => between())).toBe('inner');
    expect(await outer(() => Promise.all([inner(), inner()]))).toEqual(['inner', 'inner']);
  });

  it('nor gives back more than it took', async () => {
    const { inner, outer } = nested();
    await outer(() => inner());
    const running = outer(() => new Promise(() => {}));
    expect(await rejectionOf(inner())).toMatchObject({ running: 1 });
    void running;
  });

  it('where one pipeline has it twice', async () => {
    const registry = new BreakerRegistry();
    const call = withPolicies(async () => 'it', [bulkhead({ ...pool, registry }), bulkhead({ ...pool, registry })]);
    expect(await call()).toBe('it');
  });

  it('where the limit is adaptive', async () => {
    const { inner, outer } = nested({ ...pool, adaptive: 'aimd' });
    expect(await outer(() => inner())).toBe('inner');
  });

  it('of one stream, which holds it to its end', async () => {
    const registry = new BreakerRegistry();
    const inner = withPolicies(async () => 'inner', { name: 'inner', registry, bulkhead: pool });
    const stream = withPolicies(
      async function* () {
        yield await inner();
        yield await inner().catch(({ code }: { code: string }) => code);
      },
      { name: 'stream', registry, bulkhead: pool },
    )();
    expect(await stream.next()).toEqual({ done: false, value: 'inner' });
    expect(await rejectionOf(inner())).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
    expect(await stream.next()).toEqual({ done: false, value: 'inner' });
    await stream.return(undefined);
    expect(await inner()).toBe('inner');
  });

  it('but one of another key', async () => {
    const key = (...args: unknown[]): string => (typeof args[0] === 'string' ? args[0] : 'outer');
    const { registry, inner, outer } = nested({ ...pool, key });
    const fn = pending();
    const other = withPolicies((k: string) => fn(k), { name: 'other', registry, bulkhead: { ...pool, key } });
    void other('taken');
    expect(await rejectionOf(outer(() => inner('taken')))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', key: 'taken' });
    expect(await outer(() => inner('free'))).toBe('inner');
  });

  it('but a slot of its own without a group', async () => {
    const { outer } = nested({ maxConcurrent: 1 });
    expect(await rejectionOf(outer(() => outer(() => 'it')))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
  });

  it('across awaits too, once calls are followed there; what goes on in the background takes one again', async () => {
    const { inner, outer } = nested();
    const later = async (): Promise<unknown> => {
      await reactions();
      return inner();
    };
    expect(await rejectionOf(outer(later))).toMatchObject({ operation: 'inner', code: 'BREAKER_BULKHEAD_FULL' });

    enableCallContext();
    expect(await outer(later)).toBe('inner');
    let background!: Promise<unknown>;
    let begin!: () => void;
    await outer(() => {
      background = new Promise<void>((resolve) => { begin = resolve; }).then(() => inner());
    });
    void outer(() => new Promise(() => {}));
    begin();
    expect(await rejectionOf(background)).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
  });
});

// Last, for `withRegistry` has calls followed across awaits.
describe('rule 61: operations of one group that meet in a registry which was not known where they were protected', () => {
  it('must agree, or the calls of the second are rejected', async () => {
    const fn = pending();
    const [a, b] = [['a', one], ['b', another]].map(([name, given]) => withRegistry(new BreakerRegistry(), () => withPolicies(fn, { name: name as string, bulkhead: given as BulkheadOptions })));
    await withRegistry(new BreakerRegistry(), async () => {
      void a!();
      expect(await rejectionOf(b!())).toMatchObject(conflict);
    });
    expect(fn).toHaveBeenCalledTimes(1);
  });
});
