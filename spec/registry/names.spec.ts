import { breakerOf, type BreakerOptions, BreakerRegistry, OperationConflictError, withBreaker, withRegistry, withRetry } from '../../lib';
import { configure, restore, snapshot } from '../../lib/operate';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from './support/warnings';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry();
});

const named = (name: string) => Object.defineProperty(async () => undefined, 'name', { value: name });
const fetchUser = () => named('fetchUser');

describe('rule 29: derived names', () => {
  it('are the function’s own name, and anonymous without one', () => {
    expect(withBreaker(fetchUser(), { registry }).operation).toBe('fetchUser');
    expect(withBreaker(async () => undefined, { registry }).operation).toBe('anonymous');
    expect(withRetry(named(''), { registry }).operation).toBe('anonymous#2');
  });

  it('that another site has get a number: two functions, or one function twice, never share a breaker', async () => {
    const fn = scripted(fails());
    const one = withBreaker(fn, { registry, failureThreshold: 1 });
    const two = withBreaker(fn, { registry, failureThreshold: 1 });
    const three = withRetry(fn, { registry, maxAttempts: 1 });
    expect([two.operation, three.operation]).toEqual([`${one.operation}#2`, `${one.operation}#3`]);

    await rejectionOf(one());

    expect([one.breaker!.state, two.breaker!.state, three.breaker!.state]).toEqual(['open', 'closed', 'closed']);
  });

  it('are registered when the function is wrapped, before any call', () => {
    withBreaker(fetchUser(), { registry });
    const held = withBreaker(named('pay'), { registry });
    expect(registry.has('pay')).toBe(true);
    expect(registry.get('pay')).toBe(held.breaker);
    expect(registry.names()).toContain('pay');
  });

  it('step aside for an explicit name: the derived one is numbered', () => {
    const explicit = withBreaker(named('other'), { registry, name: 'fetchUser' });
    const derived = withBreaker(fetchUser(), { registry });
    expect([explicit.operation, derived.operation]).toEqual(['fetchUser', 'fetchUser#2']);
    expect(derived.breaker).not.toBe(explicit.breaker);
  });

  it('go round a number that an explicit name has', () => {
    const [explicit, one, two] = [
      withBreaker(named('other'), { registry, name: 'fetchUser#2' }),
      withBreaker(fetchUser(), { registry }),
      withBreaker(fetchUser(), { registry }),
    ];
    expect([explicit.operation, one.operation, two.operation]).toEqual(['fetchUser#2', 'fetchUser', 'fetchUser#3']);
  });

  it('count anew when all operations of the name were deleted', () => {
    const wrap = (count: number) => Array.from({ length: count }, () => withBreaker(fetchUser(), { registry }));
    for (const { operation } of wrap(3)) registry.delete(operation);
    const held = wrap(2);
    expect(held.map(({ operation }) => operation)).toEqual(['fetchUser', 'fetchUser#2']);
  });

  it('count on while one of them is left, so that no two sites ever had the same', () => {
    const [, second] = [withBreaker(fetchUser(), { registry }), withBreaker(fetchUser(), { registry })];
    registry.delete('fetchUser#2');
    const held = [withBreaker(fetchUser(), { registry }), second];
    expect(held[0]!.operation).toBe('fetchUser#3');
  });

  it('stay what they were where another registry has a site of that name', async () => {
    breakerOf('fetchUser', undefined, registry);
    const taken = new BreakerRegistry();
    const wrapped = withRegistry(registry, () => withBreaker(fetchUser()));
    const other = withBreaker(fetchUser(), { registry: taken });
    await withRegistry(taken, () => wrapped());
    expect([wrapped.operation, other.operation]).toEqual(['fetchUser', 'fetchUser']);
  });

  it('are the same in every registry', async () => {
    const one = withBreaker(fetchUser());
    const two = withBreaker(fetchUser());
    const other = new BreakerRegistry();

    await withRegistry(other, () => two());

    expect(withRegistry(other, () => two.operation)).toBe(two.operation);
    expect(other.names()).toEqual([two.operation]);
    expect(two.operation).not.toBe(one.operation);
  });
});

describe('rule 30: explicit names', () => {
  const isOther = (error: unknown): boolean => error !== 1;
  const options: BreakerOptions = { name: 'payments.charge', failureThreshold: 1, handle: (error) => error instanceof Error };

  it('that two sites give share one breaker when their options agree', async () => {
    const one = withBreaker(scripted(fails()), { ...options, registry });
    const two = withBreaker(scripted(works()), { ...options, registry });
    expect(two.breaker).toBe(one.breaker);
    await rejectionOf(one());
    expect(await rejectionOf(two())).toMatchObject({ code: 'BREAKER_OPEN', operation: 'payments.charge' });
  });

  it.each<[string, BreakerOptions, BreakerOptions]>([
    ['in other units', { recoveryTimeout: '1s' }, { recoveryTimeout: 1000 }],
    ['that are the default', {}, { failureThreshold: 5, recoveryTimeout: '60s' }],
    ['of equal nested objects', { halfOpen: { maxCalls: 2 } }, { halfOpen: { maxCalls: 2 } }],
    ['of the same function', { handle: isOther }, { handle: isOther }],
    ['of the same classes', { ignore: [RangeError] }, { ignore: [RangeError] }],
  ])('agree by values %s', (_how, one, other) => {
    withBreaker(fetchUser(), { ...one, name: 'shared', registry });
    expect(() => withBreaker(fetchUser(), { ...other, name: 'shared', registry })).not.toThrow();
  });

  it.each<[string, BreakerOptions, BreakerOptions]>([
    ['failureThreshold', { failureThreshold: 3 }, { failureThreshold: 4 }],
    ['failureThreshold', { failureThreshold: 3 }, {}],
    ['handle', { handle: TypeError }, { handle: RangeError }],
    ['handle', { handle: (error) => error !== 1 }, { handle: (error) => error !== 1 }],
    ['halfOpen', { halfOpen: { maxCalls: 2 } }, { halfOpen: { maxCalls: 2, successThreshold: 1 } }],
    ['window', { window: { type: 'count', size: 5 } }, { window: { type: 'count', size: 6 } }],
    ['scope', { scope: 'instance' }, {}],
    ['key', { key: (host: string) => host }, {}],
  ])('conflict where %s differs, and the error says so', (option, one, other) => {
    const first = withBreaker(fetchUser(), { ...one, name: 'shared', registry });
    const conflicting = () => withBreaker(fetchUser(), { ...other, name: 'shared', registry });
    expect(conflicting).toThrow(OperationConflictError);
    expect(conflicting).toThrow(option);
    expect(conflicting).toThrow("'shared'");
    expect(registry.names()).toEqual(['shared']);
    expect(first.operation).toBe('shared');
  });

  it('agree with a retry alone, which says nothing about the breaker, in either order', () => {
    const retried = withRetry(fetchUser(), { name: 'shared', registry });
    const broken = withBreaker(fetchUser(), { name: 'shared', failureThreshold: 2, registry });
    const again = withRetry(fetchUser(), { name: 'shared', maxAttempts: 9, registry });
    expect([retried.breaker, again.breaker]).toEqual([broken.breaker, broken.breaker]);
  });

  it('share a breaker also where sites differ in what is not the breaker’s', () => {
    const one = withBreaker(fetchUser(), { name: 'shared', failureThreshold: 2, registry });
    const others = [
      breakerOf('shared', { failureThreshold: 2 }, registry),
      withBreaker(fetchUser(), { name: 'shared', failureThreshold: 2, registry, allow: ['BREAKER_BOX_RETRIES_MULTIPLY'] }).breaker,
      withBreaker(async function* () { yield 1; }, { name: 'shared', failureThreshold: 2, registry, stream: true }).breaker,
    ];
    expect(others).toEqual([one.breaker, one.breaker, one.breaker]);
  });

  it('only count, however many failures come, while no site says anything about the breaker', async () => {
    const retried = withRetry(scripted(fails()), { name: 'shared', maxAttempts: 50, baseDelay: 0, jitter: false, registry });
    await rejectionOf(retried());
    expect(retried.breaker).toMatchObject({ state: 'closed', failureCount: 50 });
  });

  it('get a breaker for each key, or each instance, from the first site that asks for it', async () => {
    for (const [name, options] of [['keyed', { key: () => 'a' }], ['instances', { scope: 'instance' }]] as const) {
      const retried = withRetry(fetchUser(), { name, maxAttempts: 1, registry });
      expect(retried.breaker).toBeDefined();
      withBreaker(fetchUser(), { name, registry, ...options });
      await retried.call({});
      expect(retried.breaker).toBeUndefined();
      expect([...registry].filter(([operation]) => operation === name)).toHaveLength(1);
    }
  });

  it('adopt the first breaker options that come: the breaker that only counted can open from then on', async () => {
    const retried = withRetry(scripted(fails()), { name: 'shared', maxAttempts: 1, registry });
    await rejectionOf(retried());
    await rejectionOf(retried());
    expect(retried.breaker!.state).toBe('closed');

    withBreaker(fetchUser(), { name: 'shared', failureThreshold: 3, registry });
    await rejectionOf(retried());

    expect(retried.breaker!.state).toBe('open');
  });

  it('that a derived name has already are a conflict', () => {
    const derived = withBreaker(fetchUser(), { registry });
    expect(() => withBreaker(named('other'), { name: 'fetchUser', registry })).toThrow(OperationConflictError);
    expect(registry.get('fetchUser')).toBe(derived.breaker);
  });

  it('are compared without what was configured', () => {
    withBreaker(fetchUser(), { name: 'shared', failureThreshold: 3, registry });
    configure(registry, 'shared', { failureThreshold: 9 });
    expect(() => withBreaker(fetchUser(), { name: 'shared', failureThreshold: 3, registry })).not.toThrow();
    expect(() => withBreaker(fetchUser(), { name: 'shared', failureThreshold: 9, registry })).toThrow(OperationConflictError);
  });
});

describe('an operation that was deleted', () => {
  it('is gone, and comes back under its name, with a fresh breaker, when it is called again', async () => {
    const wrapped = withBreaker(scripted(fails()), { name: 'users.fetch', failureThreshold: 1, registry });
    await rejectionOf(wrapped());
    const before = wrapped.breaker!;

    expect(registry.delete('users.fetch')).toBe(true);
    expect([registry.has('users.fetch'), registry.names(), registry.size]).toEqual([false, [], 0]);

    expect(await rejectionOf(wrapped())).toEqual(new Error('down'));
    expect(registry.get('users.fetch')).toBe(wrapped.breaker);
    expect(wrapped.breaker).not.toBe(before);
    expect(wrapped.breaker!.stats.calls).toBe(1);
  });

  it('keeps its derived name among others of that name', async () => {
    const [one, two] = [withBreaker(fetchUser(), { registry }), withBreaker(fetchUser(), { registry })];

    registry.delete('fetchUser');
    await one();
    expect([one.operation, two.operation]).toEqual(['fetchUser', 'fetchUser#2']);

    registry.delete('fetchUser#2');
    await two();
    expect([one.operation, two.operation]).toEqual(['fetchUser', 'fetchUser#2']);
  });

  it('was none when the name is unknown', () => {
    expect(registry.delete('nobody')).toBe(false);
  });

  it('leaves calls that are under way to end', async () => {
    let end: (value: string) => void = () => undefined;
    const wrapped = withBreaker(
      () =>
        new Promise<string>((resolve) => {
          end = resolve;
        }),
      { name: 'slow', registry },
    );
    const call = wrapped();
    registry.delete('slow');
    end('done');
    expect(await call).toBe('done');
  });
});

describe('breakerOf', () => {
  it('makes a breaker once, and gives it again', () => {
    const breaker = breakerOf('users.fetch', { failureThreshold: 2 }, registry);
    expect(breaker.name).toBe('users.fetch');
    expect(breakerOf('users.fetch', undefined, registry)).toBe(breaker);
    expect(breakerOf('users.fetch', { failureThreshold: 2 }, registry)).toBe(breaker);
    expect(registry.get('users.fetch')).toBe(breaker);
  });

  it('refuses options that disagree with those of the breaker that is there', () => {
    breakerOf('one', { failureThreshold: 2 }, registry);
    expect(() => breakerOf('one', { failureThreshold: 3 }, registry)).toThrow(OperationConflictError);
    withBreaker(fetchUser(), { name: 'two', failureThreshold: 2, registry });
    expect(() => breakerOf('two', { failureThreshold: 3 }, registry)).toThrow(OperationConflictError);
  });

  it('leaves its breaker to the first site of that name, explicit or derived, which adopts it with its own options', async () => {
    for (const site of [{ name: 'fetchUser' }, {}]) {
      const box = new BreakerRegistry();
      const breaker = breakerOf('fetchUser', { failureThreshold: 9 }, box);
      const failing = scripted(fails());
      const wrapped = withBreaker(Object.defineProperty(async () => failing(), 'name', { value: 'fetchUser' }), {
        ...site, failureThreshold: 1, registry: box,
      });
      expect(wrapped.operation).toBe('fetchUser');
      expect(wrapped.breaker).toBe(breaker);
      await rejectionOf(wrapped());
      expect(breaker.state).toBe('open');
    }
  });

  it('leaves its breaker to one site only: the second derived one is numbered', () => {
    breakerOf('fetchUser', undefined, registry);
    const [one, two] = [withBreaker(fetchUser(), { registry }), withBreaker(fetchUser(), { registry })];
    expect([one.operation, two.operation]).toEqual(['fetchUser', 'fetchUser#2']);
  });

  it('leaves its options to a site that says nothing about the breaker', async () => {
    const breaker = breakerOf('users.fetch', { failureThreshold: 2 }, registry);
    await rejectionOf(withRetry(scripted(fails()), { name: 'users.fetch', maxAttempts: 2, baseDelay: 0, jitter: false, registry })());
    expect(breaker.state).toBe('open');
  });

  it('gives the breaker of a site that is there, without options or with its own', () => {
    const wrapped = withBreaker(fetchUser(), { registry, failureThreshold: 2 });
    expect(breakerOf('fetchUser', undefined, registry)).toBe(wrapped.breaker);
    expect(breakerOf('fetchUser', { failureThreshold: 2 }, registry)).toBe(wrapped.breaker);
  });

  it('refuses an operation that has no single breaker, and options that ask for several', () => {
    withBreaker(async (_host: string) => undefined, { name: 'hosts', key: (host) => host, registry });
    expect(() => breakerOf('hosts', undefined, registry)).toThrow(OperationConflictError);
    expect(() => breakerOf('new', { key: (host: string) => host }, registry)).toThrow(/breakerOf\('new'\): key/);
    expect(() => breakerOf('new', { scope: 'instance' }, registry)).toThrow(/breakerOf\('new'\): scope/);
    expect(() => breakerOf('new', { failureThreshold: 0 }, registry)).toThrow(/breakerOf\('new'\): failureThreshold/);
    expect(registry.has('new')).toBe(false);
  });
});

describe('the live operations of a registry', () => {
  it('are listed, counted and iterated, with their breakers', () => {
    const kept = [withBreaker(named('one'), { registry }), withBreaker(named('two'), { registry })];
    expect(registry.names()).toEqual(['one', 'two']);
    expect(registry.size).toBe(2);
    expect([...registry]).toEqual([['one', kept[0]!.breaker], ['two', kept[1]!.breaker]]);
    expect([registry.get('nobody'), registry.get('nobody', 'key'), registry.has('nobody')]).toEqual([undefined, undefined, false]);
  });

  it('are closed and cleared by reset, one or all, and stay registered', async () => {
    const [one, two] = ['one', 'two'].map((name) =>
      withBreaker(scripted(fails()), { name, failureThreshold: 1, registry }),
    ) as [ReturnType<typeof withBreaker<ReturnType<typeof scripted>>>, ReturnType<typeof withBreaker<ReturnType<typeof scripted>>>];
    await rejectionOf(one());
    await rejectionOf(two());

    registry.reset('one');
    expect([one.breaker!.state, two.breaker!.state]).toEqual(['closed', 'open']);
    expect(one.breaker!.stats).toMatchObject({ calls: 0, failures: 0, opens: 0 });

    registry.reset();
    expect(two.breaker!.state).toBe('closed');
    expect(registry.names()).toEqual(['one', 'two']);
  });
});

describe('rule 34: odd names', () => {
  const odd = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', ' ', '*', 'a*', '\u0000', '😀', '#2'];

  it('are operations like any other, each with its own breaker', async () => {
    const operations = odd.map((name) => withBreaker(scripted(fails()), { name, failureThreshold: 1, registry }));
    expect(registry.names()).toEqual(odd);
    for (const [index, wrapped] of operations.entries()) {
      expect(wrapped.operation).toBe(odd[index]);
      await rejectionOf(wrapped());
      expect(operations.map(({ breaker }) => breaker!.state)).toEqual(
        odd.map((_name, other) => (other <= index ? 'open' : 'closed')),
      );
    }
    expect(({} as { failureThreshold?: unknown }).failureThreshold).toBeUndefined();
  });

  it('do not exist before they are registered', () => {
    for (const name of odd) {
      expect([registry.has(name), registry.get(name), registry.keys(name)]).toEqual([false, undefined, []]);
    }
  });

  it('can be configured, saved and restored', () => {
    const wrapped = odd.map((name) => withBreaker(scripted(works()), { name, registry }));
    configure(registry, '__proto__', { failureThreshold: 77 });
    wrapped[0]!.breaker!.trip();
    const other = new BreakerRegistry();
    const copies = odd.map((name) => withBreaker(scripted(works()), { name, registry: other }));

    restore(other, JSON.parse(JSON.stringify(snapshot(registry))) as never);

    expect(copies.map(({ breaker }) => breaker!.state)).toEqual(odd.map((_name, n) => (n === 0 ? 'open' : 'closed')));
  });
});

describe('rule 32: the same source wrapped again and again', () => {
  it('is told of once, with the name and what to do, at 100 live operations of one derived name', () => {
    const warnings = collectWarnings();
    const held = Array.from({ length: 99 }, () => withBreaker(fetchUser(), { registry }));
    expect(warnings.codes()).toEqual([]);

    held.push(withBreaker(fetchUser(), { registry }));
    expect(warnings.codes()).toEqual(['BREAKER_BOX_LEAK']);
    expect(warnings.messages()[0]).toMatch(/'fetchUser'.*wrap it once.*name/);

    for (let n = 0; n < 150; n++) held.push(withBreaker(fetchUser(), { registry }));
    expect(warnings.codes()).toEqual(['BREAKER_BOX_LEAK']);
    expect(new Set(held.map(({ operation }) => operation)).size).toBe(250);
    warnings.stop();
  });

  it('is told of no more when their number falls and rises again', () => {
    const warnings = collectWarnings();
    const held = Array.from({ length: 100 }, () => withBreaker(fetchUser(), { registry }));
    for (const { operation } of held.splice(50, 3)) {
      registry.delete(operation);
      held.push(withBreaker(fetchUser(), { registry }));
    }
    expect(registry.size).toBe(100);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_LEAK']);
    warnings.stop();
  });

  it('is not suspected of operations that were deleted', () => {
    const warnings = collectWarnings();
    for (let n = 0; n < 150; n++) registry.delete(withBreaker(fetchUser(), { registry }).operation);
    const held = Array.from({ length: 60 }, () => withBreaker(fetchUser(), { registry }));
    for (const { operation } of held) registry.delete(operation);
    held.push(...Array.from({ length: 60 }, () => withBreaker(fetchUser(), { registry })));
    expect(registry.size).toBe(60);
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });

  it('is not suspected of explicit names', () => {
    const warnings = collectWarnings();
    const held = Array.from({ length: 150 }, () => withBreaker(fetchUser(), { registry, name: 'shared' }));
    expect(new Set(held.map(({ breaker }) => breaker)).size).toBe(1);
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });
});
