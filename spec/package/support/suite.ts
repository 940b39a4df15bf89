import type { TestResult } from './runner-project';

/** What all runners must say of the suite in `fixtures/`. */
export function expectTheSuite(results: readonly TestResult[]): void {
  const failures = new Map(results.filter(({ passed }) => !passed).map(({ name, message }) => [name, message]));
  expect([...failures.keys()].filter((name) => !name.startsWith('FAILS')).map((name) => [name, failures.get(name)])).toEqual([]);
  expect(results.filter(({ passed, name }) => passed && !name.startsWith('FAILS'))).toHaveLength(10);
  expect(failures.get('FAILS: a circuit that is open')).toContain(
    [
      'expected pay to be closed, but it is open',
      '',
      'pay: open; 3 attempts; 3 failures, 3 of them in a row; 0 rejected; last error: Error: down',
      '  +0 ms: closed -> open (failure_threshold)',
      '  +60000 ms: open -> half_open (recovery_timeout)',
      '  +60000 ms: half_open -> open (probe_failed)',
    ].join('\n'),
  );
  expect(failures.get('FAILS: waits')).toContain('expected download to have backed off 1000, 2000 ms (each ± 5 ms), but it backed off 1000, 2000, 4000 ms');
  expect(failures.get('FAILS: a name that does not exist')).toContain('no operation has this name; did you mean search?');
  expect(failures.get('FAILS: a call that is left')).toContain('but there are\n  hung: 1 of its attempts runs');
  // Nothing was to equal something else, which Jest would show as `undefined` and `undefined`.
  expect(failures.get('FAILS: a call that is left')).not.toMatch(/undefined|visual difference/);
}

/** A file of tests that is the suite, as CommonJS. @param prelude - Statements before. */
export const inCommonJs = (prelude = ''): string => `
  ${prelude}
  const { testKit } = require('breaker-box/testing');
  const suite = require('./suite.cjs');
  const check = require('./expecting.cjs')(expect);
  suite({ test, concurrently: test.concurrent, check, kit: testKit({ seed: 1 }), breakerBox: require('breaker-box'), operate: require('breaker-box/operate') });
`;

/** The same as an ES module. @param prelude - Statements before. */
export const inModule = (prelude = ''): string => `
  ${prelude}
  import * as breakerBox from 'breaker-box';
  import * as operate from 'breaker-box/operate';
  import { testKit } from 'breaker-box/testing';
  import suite from './suite.cjs';
  import expecting from './expecting.cjs';
  suite({ test, concurrently: test.concurrent, check: expecting(expect), kit: testKit({ seed: 1 }), breakerBox, operate });
`;
