import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/support/process';
import { makeProject, runJest, runNodeTest, runVitest } from './support/runner-project';

jest.setTimeout(300_000);

// The table of docs/testing.md is what this run finds. `npm run docs:timers` writes it; without that, a table that is out of date fails.

interface Tried {
  readonly wait: boolean;
  readonly timeout: boolean;
  readonly recovery: boolean;
}

/** A way to move time, as a test of a runner has it. */
interface Way {
  readonly label: string;
  /** Statements before. */
  readonly start: string;
  /** An expression of `ms`. */
  readonly advance: string;
  /** Statements after. */
  readonly stop: string;
}

const kit: Way = { label: '`kit.advance`', start: '', advance: 'kit.advance(ms)', stop: '' };
/** Timers that know nothing of promises: what they start must have come to its next wait. */
const step = (statement: string): string => `(async () => { for (let n = 0; n < 100; n++) await undefined; ${statement}; for (let n = 0; n < 100; n++) await undefined; })()`;

const ways: Record<'Jest' | 'Vitest' | '`node:test`', readonly Way[]> = {
  Jest: [
    { label: '`jest.useFakeTimers()`', start: 'jest.useFakeTimers();', advance: 'jest.advanceTimersByTimeAsync(ms)', stop: 'jest.useRealTimers();' },
    {
      label: '`jest.useFakeTimers({ legacyFakeTimers: true })`',
      start: 'jest.useFakeTimers({ legacyFakeTimers: true });',
      advance: step('jest.advanceTimersByTime(ms)'),
      stop: 'jest.useRealTimers();',
    },
    kit,
  ],
  Vitest: [{ label: '`vi.useFakeTimers()`', start: 'vi.useFakeTimers();', advance: 'vi.advanceTimersByTimeAsync(ms)', stop: 'vi.useRealTimers();' }, kit],
  '`node:test`': [
    {
      label: '`mock.timers.enable()`',
      start: `mock.timers.enable({ apis: ['setTimeout', 'Date'] });`,
      advance: step('mock.timers.tick(ms)'),
      stop: 'mock.timers.reset();',
    },
    { label: 'Sinon, `sinon.useFakeTimers()`', start: 'const clock = sinon.useFakeTimers();', advance: 'clock.tickAsync(ms)', stop: 'clock.restore();' },
    kit,
  ],
};

/** A file of tests, one for each way. */
function testsOf(runner: readonly Way[], imports: string): string {
  const tests = runner.map(({ label, start, advance, stop }, index) => {
    const isKit = label === kit.label;
    const drive = `tryTimers(breakerBox, 'way${index}', (ms) => ${advance})`;
    return `test('way ${index}', async () => { ${start} try { await ${isKit ? `kit.run(() => ${drive})` : drive}; } finally { ${stop} } });`;
  });
  return [imports, ...tests].join('\n');
}

function triedIn(folder: string, runner: readonly Way[], run: () => unknown): (readonly [Way, Tried])[] {
  const results = run();
  return runner.map((way, index) => {
    const file = join(folder, `way${index}.tried.json`);
    if (!existsSync(file)) throw new Error(JSON.stringify(results, undefined, 2));
    return [way, JSON.parse(readFileSync(file, 'utf8')) as Tried] as const;
  });
}

const inCommonJs = `const breakerBox = require('breaker-box'); const tryTimers = require('./timers.cjs');`;
// Imported where it is used: with it, its clock is asked first. What fake timers do alone is tried without.
const kitInCommonJs = `const kit = { run: (fn) => require('breaker-box/testing').testKit().run(fn), advance: (ms) => require('breaker-box/testing').testKit().advance(ms) };`;

const runs: Record<keyof typeof ways, (runner: readonly Way[]) => (readonly [Way, Tried])[]> = {
  Jest(runner) {
    const files = { 'package.json': '{ "jest": { "transform": {} } }', 'timers.test.js': testsOf(runner, inCommonJs + kitInCommonJs) };
    const folder = makeProject('timers-jest', files);
    return triedIn(folder, runner, () => runJest(folder));
  },
  Vitest(runner) {
    const imports = `import { test, vi } from 'vitest'; import * as breakerBox from 'breaker-box'; import tryTimers from './timers.cjs';
      const kit = { run: async (fn) => (await import('breaker-box/testing')).testKit().run(fn), advance: async (ms) => (await import('breaker-box/testing')).testKit().advance(ms) };`;
    const folder = makeProject('timers-vitest', { 'package.json': '{ "type": "module" }', 'timers.test.js': testsOf(runner, imports) }, ['vitest']);
    return triedIn(folder, runner, () => runVitest(folder));
  },
  '`node:test`'(runner) {
    const imports = `const { mock, test } = require('node:test'); const sinon = require('sinon'); ${inCommonJs} ${kitInCommonJs}`;
    // A process for each: what Sinon fakes, Node reports by.
    return runner.flatMap((way, index) => {
      const folder = makeProject(`timers-node-${index}`, { 'timers.test.cjs': testsOf([way], imports) }, ['sinon']);
      return triedIn(folder, [way], () => runNodeTest(folder, 'timers.test.cjs', []));
    });
  },
};

const said = (works: boolean): string => (works ? 'yes' : '**no**');

function rowsOf(runner: keyof typeof ways): string[] {
  return runs[runner](ways[runner]).map(([{ label }, { wait, timeout, recovery }]) => {
    return `| ${[runner, label, said(wait), said(timeout), said(recovery)].join(' | ')} |`;
  });
}

it('is true what the guide says of fake timers', () => {
  const table = [
    '| runner | time is moved by | waits of a retry | timeouts | recovery of a circuit |',
    '|---|---|---|---|---|',
    ...(Object.keys(ways) as (keyof typeof ways)[]).flatMap(rowsOf),
  ].join('\n');
  const path = join(root, 'docs', 'testing.md');
  const document = readFileSync(path, 'utf8');
  const marked = /(<!-- fake timers -->\n)[\s\S]*?(<!-- end of fake timers -->)/;
  const fresh = document.replace(marked, `$1\n${table}\n\n$2`);
  if (process.env.UPDATE_TABLES === '1') writeFileSync(path, fresh);
  expect(fresh).toContain(table);
  expect(process.env.UPDATE_TABLES === '1' ? fresh : document).toBe(fresh);
});
