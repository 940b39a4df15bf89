import * as breakerBox from '../../lib';
import { BreakerRegistry, OperationConflictError } from '../../lib';
import { configure } from '../../lib/operate';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';
import { reactions } from '../support/timer-clock';
import { collectWarnings } from './support/warnings';

type Wrapped = ((...args: unknown[]) => Promise<unknown>) & breakerBox.Protection;

let registry: BreakerRegistry;
let clock: ManualClock;
let warnings: ReturnType<typeof collectWarnings>;

beforeEach(() => {
  clock = new ManualClock();
  registry = new BreakerRegistry({ clock });
  warnings = collectWarnings();
});

afterEach(() => {
  warnings.stop();
});

/** Evaluates the source of a module, as a loader does. What it returns is its export. */
function load<T = Wrapped>(source: string, url = 'https://app.test/src/api.js', loader = '_execModule'): T {
  const evaluate = new Function('bb', 'registry', `${source}\n//# sourceURL=${url}`) as (...args: unknown[]) => T;
  const loaders = { [loader]: () => evaluate(breakerBox, registry) };
  return loaders[loader]!();
}

const explicit = (options: string, more = '') => `${more}
  return bb.withBreaker(async () => { throw new Error('down'); }, { name: 'pay', registry, ${options} });`;
const derived = (fn = 'async function load() { return 1; }') => `return bb.withBreaker(${fn}, { registry });`;

/** How a hot reload, or a reset of modules, evaluates a file once more. */
const RELOADS: readonly [string, (before: string, after: string) => Promise<[Wrapped, Wrapped]>][] = [
  ['with another query', async (before, after) => [load(before, 'https://app.test/src/api.js?t=1'), load(after, 'https://app.test/src/api.js?t=2')]],
  ['with the query stripped', async (before, after) => [load(before, 'file:///app/src/api.js?v=1'), load(after, 'file:///app/src/api.js')]],
  ['with another text, its lines moved', async (before, after) => [load(before), load(`\n\n\n${after}`)]],
];

describe('rule 55: a site that is evaluated again', () => {
  it.each(RELOADS)('%s: takes its operation over, with the newest options and one warning', async (_how, reload) => {
    const [old, renewed] = await reload(explicit('failureThreshold: 1'), explicit(`failureThreshold: 3, recoveryTimeout: '5s'`));

    expect(renewed.breaker).toBe(old.breaker);
    await rejectionOf(renewed());
    await rejectionOf(renewed());
    expect(renewed.breaker!.state).toBe('closed');
    await rejectionOf(renewed());
    expect([renewed.breaker!.state, renewed.breaker!.retryAfter]).toEqual(['open', 5000]);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_EVALUATED_AGAIN']);
    expect(warnings.messages()[0]).toMatch(/'pay' was evaluated again, at \S*src\/api\.js:\d+:\d+, .*failureThreshold is 3 and was 1; recoveryTimeout is 5000 and was 60000/);
  });

  it.each(RELOADS)('%s: keeps its derived name, and is warned of by nobody while its options are the same', async (_how, reload) => {
    const [old, renewed] = await reload(derived(), derived());
    expect([old.operation, renewed.operation]).toEqual(['load', 'load']);
    expect(renewed.breaker).toBe(old.breaker);
    expect([registry.names(), warnings.codes()]).toEqual([['load'], []]);
  });

  it('finds each of several of one derived name again, in the order of their numbers', () => {
    const two = `const load = () => async function load() {}; const one = bb.withBreaker(load(), { registry });
      return [one, bb.withBreaker(load(), { registry })];`;
    const before = load<Wrapped[]>(two, 'https://app.test/src/api.js?t=1');
    const after = load<Wrapped[]>(two, 'https://app.test/src/api.js?t=2');
    const third = load<Wrapped[]>(`\n${two}`, 'https://app.test/src/api.js?t=2');
    for (const pair of [before, after, third]) expect(pair.map(({ operation }) => operation)).toEqual(['load', 'load#2']);
    expect(after.map(({ breaker }) => breaker)).toEqual(before.map(({ breaker }) => breaker));
    expect(registry.names()).toEqual(['load', 'load#2']);
  });

  it('as it was: by a later load of its module; within one turn it may be a loop, which numbers its operations', async () => {
    const loop = `const all = []; for (let n = 0; n < 2; n++) all.push(bb.withBreaker(async function load() {}, { registry })); return all;`;
    const before = load<Wrapped[]>(loop);
    await reactions();
    const after = load<Wrapped[]>(loop);
    expect([before, after].map((all) => all.map(({ operation }) => operation))).toEqual([['load', 'load#2'], ['load', 'load#2']]);
    expect(after[0]!.breaker).toBe(before[0]!.breaker);
  });

  it('keeps its state, and the state of its keys', async () => {
    const keyed = (threshold: number) => `return bb.withBreaker(async () => { throw new Error('down'); },
      { name: 'ask', key: (host) => host, failureThreshold: ${threshold}, registry });`;
    const old = load(keyed(1), 'https://app.test/ask.js?1');
    await rejectionOf(old('a'));
    const renewed = load(keyed(2), 'https://app.test/ask.js?2');
    expect(await rejectionOf(renewed('a'))).toMatchObject({ code: 'BREAKER_OPEN' });
    await rejectionOf(renewed('b'));
    expect(registry.get('ask', 'b')!.state).toBe('closed');
  });

  it.each(['closed', 'half_open'] as const)('is not judged by what the old wrapper had under way: that is late (%s)', async (state) => {
    const pending = `let fail; const pay = bb.withBreaker(() => new Promise((_, reject) => { fail = reject; }), { name: 'pay', failureThreshold: 1, registry });
      pay.fail = () => fail(new Error('old')); return pay;`;
    const old = load<Wrapped & { fail: () => void }>(pending, 'https://app.test/pay.js?1');
    if (state === 'half_open') {
      old.breaker!.trip();
      clock.advance(60_000);
    }
    const call = rejectionOf(old());
    const renewed = load<Wrapped>(pending, 'https://app.test/pay.js?2');
    old.fail();
    await call;

    expect([renewed.breaker!.state, renewed.breaker!.stats.late]).toEqual([state, 1]);
  });

  it('leaves the old wrapper protected by the newest options, whatever its own were', async () => {
    const old = load(explicit('failureThreshold: 1'), 'https://app.test/pay.js?1');
    await rejectionOf(old());
    registry.reset();
    const renewed = load(explicit('failureThreshold: 2'), 'https://app.test/pay.js?2');
    configure(registry, 'pay', { recoveryTimeout: '1s' }); // what was compiled is compiled anew
    await rejectionOf(old());
    expect(renewed.breaker!.state).toBe('closed');
    await rejectionOf(old());
    expect(await rejectionOf(renewed())).toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('warns once, however often it is evaluated again', () => {
    for (let n = 1; n < 5; n++) load(explicit(`failureThreshold: ${n}`), `https://app.test/pay.js?${n}`);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_EVALUATED_AGAIN']);
  });

  it.each([
    ['inside', `bb.CircuitBreaker({ name: 'pay', failureThreshold, registry }), bb.Retry({ name: 'pay', maxAttempts: 1, registry })`],
    ['outside', `bb.Retry({ name: 'pay', maxAttempts: 1, registry }), bb.CircuitBreaker({ name: 'pay', failureThreshold, registry })`],
  ])('is a decorated method as well, with the breaker %s its other decorators', async (_where, decorators) => {
    const decorated = (threshold: number) => `const failureThreshold = ${threshold};
      class Service { async pay() { throw new Error('down'); } }
      const decorators = [${decorators}];
      const descriptor = Object.getOwnPropertyDescriptor(Service.prototype, 'pay');
      for (const decorate of decorators) decorate(Service.prototype, 'pay', descriptor);
      Object.defineProperty(Service.prototype, 'pay', descriptor);
      return Service;`;
    load(decorated(1), 'https://app.test/service.js?1');
    const Service = load<new () => { pay(): Promise<unknown> }>(decorated(2), 'https://app.test/service.js?2');
    const service = new Service();
    await rejectionOf(service.pay());
    expect(registry.get('pay')!.state).toBe('closed');
    await rejectionOf(service.pay());
    expect(registry.get('pay')!.state).toBe('open');
  });

  it('is what asks for a breaker by name as well', () => {
    const ask = (threshold: number) => `return bb.breakerOf('asked', { failureThreshold: ${threshold} }, registry);`;
    const breaker = load<breakerBox.Breaker>(ask(1), 'https://app.test/ask.js?1');
    expect(load<breakerBox.Breaker>(ask(2), 'https://app.test/ask.js?2')).toBe(breaker);
    expect(() => load(ask(3), 'https://app.test/other.js')).toThrow(OperationConflictError);
  });

  it('is compared with the other sites of its name all the same', () => {
    load(explicit('failureThreshold: 1'), 'https://app.test/one.js?1');
    load(explicit('failureThreshold: 1'), 'https://app.test/other.js?1');
    expect(() => load(explicit('failureThreshold: 2'), 'https://app.test/one.js?2')).toThrow(
      /failureThreshold: 1 at https:\/\/app\.test\/\w+\.js:\d+:\d+, and failureThreshold: 2 at https:\/\/app\.test\/one\.js:\d+:\d+/,
    );
    expect(() => load(explicit('failureThreshold: 1'), 'https://app.test/one.js?3')).not.toThrow();
  });
});

/** Runs a module as Vite and Vitest do: its body is an async function. */
async function run<T>(source: string): Promise<T> {
  const evaluate = new Function('bb', 'registry', `return (async () => { ${source} })();\n//# sourceURL=https://app.test/src/hosts.js`) as (...args: unknown[]) => Promise<T>;
  const loader = {
    async runInlinedModule(): Promise<T> {
      return await evaluate(breakerBox, registry);
    },
  };
  return await loader.runInlinedModule();
}

describe('rules 29 and 55: two sites of one load of a module that waits (top-level await)', () => {
  const loop = (site: string, pause = 'await null') => `const all = [];
    for (const n of [1, 2, 3]) { all.push(${site}); ${pause}; }
    return all;`;

  it.each([
    ['between them', 'bb.withBreaker(async function fetchHost() { throw n; }, { registry })', 'await null'],
    ['before each', '(await null, bb.withBreaker(async function fetchHost() { throw n; }, { registry }))', ''],
    ['for a timer', 'bb.withBreaker(async function fetchHost() { throw n; }, { registry })', 'await new Promise((done) => setTimeout(done))'],
    ['in a function of its own', 'await (async () => { await null; return bb.withBreaker(async function fetchHost() { throw n; }, { registry }); })()', ''],
  ])('have a breaker each: %s', async (_where, site, pause) => {
    const all = await run<Wrapped[]>(loop(site, pause));
    expect(all.map(({ operation }) => operation)).toEqual(['fetchHost', 'fetchHost#2', 'fetchHost#3']);
    all[0]!.breaker!.trip();
    expect(await rejectionOf(all[1]!())).toBe(2);
  });

  it('are not known again when the module runs once more unchanged, but for what it makes before it waits', async () => {
    const source = loop('bb.withBreaker(async function fetchHost() {}, { registry })');
    const [before, after] = [await run<Wrapped[]>(source), await run<Wrapped[]>(source)];
    expect([before, after].map((all) => all.map(({ operation }) => operation))).toEqual([
      ['fetchHost', 'fetchHost#2', 'fetchHost#3'],
      ['fetchHost', 'fetchHost#4', 'fetchHost#5'],
    ]);
  });

  it('are known again when its text has changed', async () => {
    const source = `await null; ${loop('bb.withBreaker(async function fetchHost() {}, { registry })')}`;
    const [before, after] = [await run<Wrapped[]>(source), await run<Wrapped[]>(`\n${source}`)];
    expect(after.map(({ breaker }) => breaker)).toEqual(before.map(({ breaker }) => breaker));
  });

  it('are a conflict where they give one explicit name other options', async () => {
    await expect(run(loop(`bb.withBreaker(async () => {}, { name: 'pay', failureThreshold: n, registry })`))).rejects.toThrow(OperationConflictError);
  });
});

describe('rule 55: another site', () => {
  it.each([
    ['in another file', 'https://app.test/src/other.js', explicit('failureThreshold: 2')],
    ['in the same file, however it was loaded', 'https://app.test/src/api.js', explicit('failureThreshold: 2')],
    ['made at run time, by the same function', 'https://app.test/src/api.js', explicit('failureThreshold: 1')],
  ])('with other options under one explicit name is a conflict, which names both values and places: %s', (_where, url, source) => {
    const first = explicit('failureThreshold: 5').replace('return', 'const one =').concat(' return one;');
    const both = url.endsWith('api.js') ? () => load(`(() => {${first}})();\n${source}`, url) : () => (load(first), load(source, url));
    expect(both).toThrow(OperationConflictError);
    expect(both).toThrow(/failureThreshold: 5 at \S+api\.js:\d+:\d+, and failureThreshold: \d at \S+\.js:\d+:\d+/);
  });

  it('is told by who called the function that both have in common', () => {
    const helper = load<(threshold: number) => Wrapped>(`return (failureThreshold) => { ${explicit('failureThreshold')} };`, 'https://app.test/helper.js');
    const use = (threshold: number) => `return registry.helper(${threshold});`;
    Object.assign(registry, { helper });
    load(use(1), 'https://app.test/one.js');
    expect(() => load(use(2), 'https://app.test/other.js')).toThrow(/failureThreshold: 1 at \S+one\.js:\d+:\d+, and failureThreshold: 2 at \S+other\.js/);
    expect(() => load(use(2), 'https://app.test/one.js?2')).not.toThrow();
  });

  it('of one derived name is numbered, also where one function makes both at different times', async () => {
    const factory = load<() => Wrapped>(`return () => { ${derived()} };`);
    const one = factory();
    await reactions();
    const other = factory();
    expect([one.operation, other.operation]).toEqual(['load', 'load#2']);
    expect(load(derived(), 'https://app.test/other.js').operation).toBe('load#3');
  });
});

describe('rule 55: functions in options', () => {
  const handling = (more = '') => explicit('failureThreshold: 5, handle: (error) => error !== 1', more);

  it.each(RELOADS)('agree by source between two evaluations of one site, %s', async (_how, reload) => {
    await expect(reload(handling(), handling())).resolves.toHaveLength(2);
    expect(warnings.codes()).toEqual([]);
  });

  it('are the newest, though they agree: they look at what their module has loaded', async () => {
    const handling = (code: number) => explicit('failureThreshold: 1, handle: (error) => error.message === expected', `const expected = ${code === 1 ? "'other'" : "'down'"};`);
    const old = load(handling(1), 'https://app.test/api.js?1');
    await rejectionOf(old());
    expect(old.breaker!.state).toBe('closed');
    const renewed = load(handling(2), 'https://app.test/api.js?2');
    await rejectionOf(renewed());
    expect(renewed.breaker!.state).toBe('open');
    expect(warnings.codes()).toEqual([]);
  });

  it('agree by source at one place that is reached again', () => {
    const factory = load<() => Wrapped>(`return () => { ${handling()} };`);
    expect(factory().breaker).toBe(factory().breaker);
  });

  it('agree by source between two bundles of one site', () => {
    load(handling(), 'file:///app/dist/page-one.js');
    expect(() => load(handling('// another page'), 'file:///app/dist/page-two.js')).not.toThrow();
  });

  it('of two sites agree when they are one, and not when they only look alike', () => {
    const other = handling().replace('throw new Error', 'throw new TypeError');
    load(handling(), 'https://app.test/one.js');
    expect(() => load(other, 'https://app.test/other.js')).toThrow(/handle: function handle at .*functions agree when they are one and the same/);
  });
});
