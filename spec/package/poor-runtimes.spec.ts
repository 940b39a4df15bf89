import { join } from 'node:path';
import { runProgram } from './support/consumer';

/** What some runtimes lack, and which. */
const LACKING: readonly [string, readonly string[]][] = [
  ['FinalizationRegistry and WeakRef (Cloudflare Workers up to 2025-05-05)', ['FinalizationRegistry', 'WeakRef']],
  ['DOMException (Hermes)', ['DOMException']],
  ['AbortSignal.any (Safari before 17.4, Firefox before 124, React Native)', ['AbortSignal.any']],
  ['AsyncLocalStorage and process (browsers)', ['process']],
  ['all of them', ['FinalizationRegistry', 'WeakRef', 'DOMException', 'AbortSignal.any', 'process']],
];

/** Everything that an application may do, in one program. What is missing is deleted before the package is loaded. */
const program = (entryOf: (subpath: string) => string, missing: readonly string[]): string => `
const { process, Response } = globalThis; // Node's own Response needs some of them when it is loaded
const print = (value) => process.stdout.write(JSON.stringify(value));
${missing.map((name) => `delete globalThis.${name};`).join('\n')}
const bb = await import('${entryOf('')}');
const operate = await import('${entryOf('operate')}');
const { fetchWith } = await import('${entryOf('fetch')}');
const { presets } = await import('${entryOf('presets')}');
const down = async () => { throw new Error('down'); };
const outcome = (promise) => promise.then((value) => value, (error) => error.code ?? error.message);
const seen = {};

const load = bb.withPolicies(async () => 'it', { name: 'load', retry: {}, breaker: {}, timeout: '1s', bulkhead: 2, fallback: () => 'instead', cache: '1m' });
seen.plain = await load();

const failing = bb.withBreaker(down, { name: 'failing', failureThreshold: 1 });
seen.failing = [await outcome(failing()), await outcome(failing())];
seen.snapshot = operate.snapshot(bb.registry).breakers.map(({ name, state }) => [name, state]);

class Client {}
const instances = bb.withBreaker(down, { name: 'instances', scope: 'instance', failureThreshold: 1 });
const client = new Client();
seen.instances = [await outcome(instances.call(client)), await outcome(instances.call(client)), await outcome(instances.call(new Client()))];

let runs = 0;
const aborted = new Promise((resolve) => { seen.resolve = resolve; });
const hedged = bb.withPolicies(async () => {
  if (++runs > 1) return 'hedge';
  const { signal } = bb.currentCall();
  await new Promise((resolve, reject) => signal.addEventListener('abort', () => { seen.resolve(signal.reason.name); reject(signal.reason); }));
}, { name: 'hedged', hedge: { delay: 10, idempotent: true } });
seen.hedged = [await hedged(), await aborted];
delete seen.resolve;

const slow = bb.withPolicies(() => new Promise(() => {}), { name: 'slow', timeout: 10 });
seen.slow = await outcome(slow());

const get = fetchWith(presets.http(), { fetch: async (_input, { signal }) => new Response(String(signal.aborted)) });
seen.fetched = await (await get('https://x.test/', { signal: new AbortController().signal })).text();

const other = new bb.BreakerRegistry();
seen.ambient = await bb.withRegistry(other, () => load()).then(() => other.names());

async function* numbers() { yield 1; yield 2; }
const stream = bb.withBreaker(numbers)();
seen.stream = [await stream.next(), await stream.return('left')];
print(seen);
`;

const inNode = (subpath: string): string => join('breaker-box', subpath);
const forBundlers = (subpath: string): string => `./node_modules/breaker-box/dist/esm/${join(subpath, 'index.mjs')}`;

describe('rule 60: without', () => {
  const whole = {
    plain: 'it',
    failing: ['down', 'BREAKER_OPEN'],
    snapshot: [['load', 'closed'], ['failing', 'open']],
    instances: ['down', 'BREAKER_OPEN', 'down'],
    hedged: ['hedge', 'AbortError'],
    slow: 'BREAKER_TIMEOUT',
    fetched: 'false',
    ambient: ['load'],
    stream: [{ value: 1, done: false }, { value: 'left', done: true }],
  };

  it.each(LACKING)('%s, the package for Node is imported and works', (_what, missing) => {
    expect(runProgram('mjs', program(inNode, missing))).toEqual(whole);
  });

  it.each(LACKING)('%s, the package for bundlers is imported and works', (_what, missing) => {
    expect(runProgram('mjs', program(forBundlers, missing))).toEqual(whole);
  });
});
