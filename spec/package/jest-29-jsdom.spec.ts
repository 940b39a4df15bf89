import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedInstall } from '../../scripts/support/cached-install';
import { root } from '../../scripts/support/process';
import { makeProject, runJest, type TestResult } from './support/runner-project';
import { expectTheSuite, inCommonJs, inModule } from './support/suite';

jest.setTimeout(120_000);

// jsdom 20: the last one of Jest 29, which many front ends stay with. Installed in a project of its own, with Jest 29's own packages.
const modules = cachedInstall('jest-29', ['jest@29', 'jest-environment-jsdom@29']);

const jsdom = join(modules, 'jest-environment-jsdom');
const asInNode = { testEnvironmentOptions: { customExportConditions: ['node'] } };

const config = (more: object = {}): string =>
  JSON.stringify({ name: 'user', jest: { testEnvironment: jsdom, setupFilesAfterEnv: ['breaker-box/jest'], transform: {}, ...more } });

const inProject = (name: string, files: Readonly<Record<string, string>>, nodeOptions?: readonly string[]): TestResult[] =>
  runJest(makeProject(`jest-29-${name}`, files), nodeOptions, modules);

/** Names of those that failed, with what they said. */
const failuresOf = (results: readonly TestResult[]) => results.filter(({ passed }) => !passed).map(({ name, message }) => [name, message]);

it('is Jest 29 that is installed', () => {
  const versionOf = (name: string) => (JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as { version: string }).version;
  expect([versionOf('jest'), versionOf('jsdom')]).toEqual([expect.stringMatching(/^29\./), expect.stringMatching(/^20\./)]);
});

it('runs the suite of all runners in Node', () => {
  expectTheSuite(inProject('node', { 'package.json': config({ testEnvironment: 'node' }), 'suite.test.js': inCommonJs() }));
});

describe('rule 60: jsdom, with the condition `node`', () => {
  it('runs the suite of all runners', () => {
    expectTheSuite(inProject('jsdom', { 'package.json': config(asInNode), 'suite.test.js': inCommonJs() }));
  });

  it('runs it with ES modules', () => {
    const files = { 'package.json': config({ ...asInNode, testMatch: ['**/*.test.mjs'] }), 'suite.test.mjs': inModule(`import { expect, test } from '@jest/globals';`) };
    expectTheSuite(inProject('jsdom-esm', files, ['--experimental-vm-modules', '--no-warnings']));
  });

  // The signals of jsdom 26 have an `AbortSignal.any`, which refuses those of Node.
  it.each([
    ['29', modules, jsdom, true],
    ['30', join(root, 'node_modules'), join(cachedInstall('jest-30-jsdom', ['jest-environment-jsdom@30']), 'jest-environment-jsdom'), false],
  ])('is used by a front end, whose signals and exceptions are those of jsdom: Jest %s', (version, installed, testEnvironment, isOld) => {
    const test = `require('./jsdom.cjs')({ test, expect, kit: require('breaker-box/testing').testKit(), breakerBox: require('breaker-box'), isOld: ${isOld} });`;
    const folder = makeProject(`jsdom-use-${version}`, { 'package.json': config({ ...asInNode, testEnvironment }), 'use.test.js': test });
    const results = runJest(folder, [], installed);
    expect(failuresOf(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(10);
  });

  it.each([
    ['that a test installs', {}, 'jest.useFakeTimers();', { wait: true, timeout: true, recovery: true }],
    ['that are there from the start', { fakeTimers: { enableGlobally: true } }, '', { wait: true, timeout: true, recovery: true }],
    ['of the old kind', {}, 'jest.useFakeTimers({ legacyFakeTimers: true });', { wait: true, timeout: true, recovery: false }],
  ])('is driven by fake timers %s', (label, more, start, tried) => {
    const test = `
      const breakerBox = require('breaker-box');
      const tryTimers = require('./timers.cjs');
      const reactions = async () => { for (let n = 0; n < 100; n++) await undefined; };
      const advance = async (ms) => { await reactions(); jest.advanceTimersByTime(ms); await reactions(); };
      test('timers', async () => { ${start} await tryTimers(breakerBox, 'way', advance); expect(jest.getTimerCount()).toBe(0); });
      test('the kit beside them', async () => {
        ${start}
        const kit = require('breaker-box/testing').testKit();
        await kit.run(() => tryTimers(breakerBox, 'kit', (ms) => kit.advance(ms)));
      });`;
    const folder = makeProject(`jest-29-timers-${label.replaceAll(' ', '-')}`, { 'package.json': config({ ...asInNode, ...more }), 'timers.test.js': test });
    expect(failuresOf(runJest(folder, [], modules))).toEqual([]);
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.tried.json`), 'utf8'));
    expect([read('way'), read('kit')]).toEqual([tried, { wait: true, timeout: true, recovery: true }]);
  });
});

describe('jsdom, with the conditions that it has by itself (`browser`)', () => {
  it('runs the suite with ES modules', () => {
    const files = { 'package.json': config({ testMatch: ['**/*.test.mjs'] }), 'suite.test.mjs': inModule(`import { expect, test } from '@jest/globals';`) };
    expectTheSuite(inProject('browser-esm', files, ['--experimental-vm-modules', '--no-warnings']));
  });

  it('runs it with CommonJS', () => {
    expectTheSuite(inProject('browser', { 'package.json': config(), 'suite.test.js': inCommonJs() }));
  });
});
