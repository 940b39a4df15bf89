import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, outcomeOf } from '../../scripts/support/process';
import { makeProject, runJest, runNodeTest, runVitest } from './support/runner-project';
import { expectTheSuite, inCommonJs, inModule } from './support/suite';

jest.setTimeout(300_000);

const jestConfig = (more: object = {}): string => JSON.stringify({ name: 'user', jest: { setupFilesAfterEnv: ['breaker-box/jest'], transform: {}, ...more } });

describe('Jest', () => {
  it('runs it with CommonJS', () => {
    expectTheSuite(runJest(makeProject('jest-cjs', { 'package.json': jestConfig(), 'suite.test.js': inCommonJs() })));
  });

  it('runs it with CommonJS, without globals', () => {
    const test = inCommonJs(`const { expect, test } = require('@jest/globals');`);
    expectTheSuite(runJest(makeProject('jest-cjs-no-globals', { 'package.json': jestConfig({ injectGlobals: false }), 'suite.test.js': test })));
  });

  it('runs it with ES modules', () => {
    const files = { 'package.json': jestConfig({ testMatch: ['**/*.test.mjs'] }), 'suite.test.mjs': inModule(`import { expect, test } from '@jest/globals';`) };
    expectTheSuite(runJest(makeProject('jest-esm', files), ['--experimental-vm-modules', '--no-warnings']));
  });

  it('says where the set-up belongs', () => {
    const folder = makeProject('jest-misplaced', {
      'package.json': jestConfig({ setupFilesAfterEnv: [], setupFiles: ['breaker-box/jest'] }),
      'some.test.js': `test('nothing', () => {});`,
    });
    expect(() => runJest(folder)).toThrow(/breaker-box\/jest: must be imported where tests are known: in a file of setupFilesAfterEnv/);
  });
});

describe('Vitest', () => {
  const config = (test: object): string => `export default { test: ${JSON.stringify({ setupFiles: ['breaker-box/vitest'], watch: false, ...test })} };`;

  it('runs it with globals', () => {
    const files = { 'package.json': '{ "type": "module" }', 'vitest.config.js': config({ globals: true }), 'suite.test.js': inModule() };
    expectTheSuite(runVitest(makeProject('vitest-globals', files, ['vitest'])));
  });

  it('runs it without', () => {
    const test = inModule(`import { expect, test } from 'vitest';`);
    const files = { 'package.json': '{ "type": "module" }', 'vitest.config.js': config({}), 'suite.test.js': test };
    expectTheSuite(runVitest(makeProject('vitest', files, ['vitest'])));
  });
});

describe('node:test', () => {
  const suite = (prelude: string): string => `
    import { test } from 'node:test';
    import * as breakerBox from 'breaker-box';
    import * as operate from 'breaker-box/operate';
    import * as assertions from 'breaker-box/node-test';
    import { testKit } from 'breaker-box/testing';
    import suite from './suite.cjs';
    ${prelude}
    const lower = ([first, ...rest]) => first.toLowerCase() + rest.join('');
    const check = Object.fromEntries(Object.entries(assertions).map(([name, assert]) => [lower(name.replace('assert', '')), assert]));
    check.backedOff = (subject, delays) => assertions.assertBackedOff(subject, delays, { within: '5ms' });
    const beside = [];
    const concurrently = (name, fn) => beside.push([name, fn]);
    suite({ test, concurrently, check, kit: testKit({ seed: 1 }), breakerBox, operate });
    test('all at once', { concurrency: true }, async (t) => { await Promise.all(beside.map(([name, fn]) => t.test(name, fn))); });
  `;

  it('runs it', () => {
    const results = runNodeTest(makeProject('node-test', { 'suite.test.mjs': suite('') }), 'suite.test.mjs');
    expectTheSuite(results.filter(({ name }) => name !== 'all at once'));
  });

  it('takes the set-up from the command line', () => {
    const test = `
      const { test } = require('node:test');
      const { withBreaker } = require('breaker-box');
      const pay = withBreaker(async () => { throw new Error('down'); }, { name: 'pay', failureThreshold: 1 });
      for (const n of [1, 2]) test('opens ' + n, async () => {
        if (pay.breaker.state !== 'closed') throw new Error('not fresh');
        await pay().catch(() => {});
        if (pay.breaker.state !== 'open') throw new Error('not open');
      });
    `;
    const results = runNodeTest(makeProject('node-test-import', { 'fresh.test.cjs': test }), 'fresh.test.cjs', ['--import', 'breaker-box/node-test', '--test']);
    expect(results.map(({ passed }) => passed)).toEqual([true, true]);
  });
});

describe('types of the matchers', () => {
  const use = `
    import { withBreaker } from 'breaker-box';
    const pay = withBreaker(async () => 1, { name: 'pay' });
    expect(pay).toBeOpen();
    expect('pay').not.toHaveTransitioned(['open', 'half_open']);
    expect(pay.breaker).toHaveBackedOff([100], { within: '10ms' });
    // @ts-expect-error - a number
    expect(pay).toHaveAttempted('3');
    // @ts-expect-error - a state
    expect(pay).toHaveTransitioned(['opened']);
  `;

  it.each([
    ['of @types/jest', ['@types/jest', 'expect'], ['jest'], `import 'breaker-box/jest';`],
    ['of @jest/globals', ['@jest/globals', 'expect'], [], `import 'breaker-box/jest'; import { expect } from '@jest/globals';`],
    ['of Vitest', ['vitest', '@types/node'], ['node'], `import 'breaker-box/vitest'; import { expect } from 'vitest';`],
  ])('are there in `expect` %s', (name, packages, types, imports) => {
    const folder = makeProject(`types-${name.replaceAll(/\W/g, '-')}`, { 'use.mts': imports + use }, packages);
    const compilerOptions = { noEmit: true, strict: true, target: 'es2022', module: 'node20', types, skipLibCheck: true };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.mts'] }));
    const result = outcomeOf('tsc', ['--project', folder]);
    expect([failureOf(result), result.stdout]).toEqual([undefined, '']);
  });
});
