import { mutatedFolder } from './scripts/mutation/settings.ts';

const folders = mutatedFolder === '' ? ['core', 'breaker', 'retry', 'timeout', 'bulkhead', 'rate-limit', 'throttle', 'fallback', 'hedge', 'cache', 'chaos', 'protect', 'registry'] : [mutatedFolder];
const report = `reports/mutation/${mutatedFolder === '' ? 'all' : mutatedFolder.replaceAll('/', '-')}`;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['./scripts/mutation/in-process-runner.ts', './scripts/mutation/survivors-reporter.ts'],
  testRunner: 'in-process',
  testRunnerNodeArgs: ['--import', 'tsx'],
  checkerNodeArgs: ['--import', 'tsx'],
  coverageAnalysis: 'perTest',
  mutate: folders.map((folder) => `lib/${folder}/**/*.ts`),
  ignorePatterns: ['/dist*', '/docs', '/bench', '/examples', '/reports', '/coverage'],
  disableTypeChecks: false,
  incremental: true,
  incrementalFile: `${report}.incremental.json`,
  reporters: ['progress-append-only', 'survivors', 'json'],
  jsonReporter: { fileName: `${report}.json` },
  survivors: { fileName: `${report}.survivors.txt` },
  // Of a mutant's spec files only the tests that reach it are run, so it takes less time than they took; what hangs is waited for.
  timeoutMS: 10_000,
  timeoutFactor: 1.25,
  dryRunTimeoutMinutes: 60,
  concurrency: 2,
  thresholds: { high: 98, low: 95, break: null },
};
