import { availableParallelism } from 'node:os';
import type { Config } from 'jest';

// Types are checked by `npm run typecheck`; here each file is only transpiled, which is several times faster.
const transpile = (tsconfig: string): Config['transform'] => ({
  '^.+\\.ts$': ['ts-jest', { tsconfig, diagnostics: false }],
});

const common: Config = {
  testEnvironment: 'node',
  globals: { __DEV__: true, __NODE__: true },
  roots: ['<rootDir>/spec'],
  setupFiles: ['<rootDir>/spec/support/property-runs.ts'],
  // Installed for programs of their own, see `spec/clients/support/install-clients.ts`.
  modulePathIgnorePatterns: ['<rootDir>/spec/clients/node_modules/'],
};

/** Specs with processes of their own, real servers, real time, or other programs: all that is no matter of one process. */
const PROCESSES = [
  'adapters/prometheus/cluster\\.spec',
  'cli/',
  'examples/',
  'fleet/(redis|cluster|rest)/',
  'model/',
  'scripts/',
  'timeout/(real-time|stalls)\\.spec',
  'types/',
];

const config: Config = {
  // Bounds what hangs, and nothing else: the files run side by side, on a machine that may do other things as well. Those that
  // do real work have longer, by `spec/support/real-work.ts`.
  testTimeout: 60_000,
  // Two on two processors also, where Jest would have none: it then runs all in its own process, one file after the other, which takes three times
  // as long, and whose heap grows by all of them: specs that wait for the garbage collector have failed in it.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '500MB',
  projects: [
    {
      ...common,
      displayName: 'tc39',
      testMatch: ['<rootDir>/spec/**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.legacy\\.spec\\.ts$', '<rootDir>/spec/package/', '<rootDir>/spec/clients/', ...PROCESSES.map((path) => `<rootDir>/spec/${path}`)],
      transform: transpile('<rootDir>/tsconfig.json'),
    },
    {
      ...common,
      displayName: 'processes',
      testRegex: PROCESSES.map((path) => (path.endsWith('/') ? `spec/${path}.*\\.spec\\.ts$` : `spec/${path}`)),
      globalSetup: '<rootDir>/spec/support/programs.ts',
      transform: transpile('<rootDir>/tsconfig.json'),
    },
    {
      ...common,
      displayName: 'legacy',
      testMatch: ['<rootDir>/spec/**/*.legacy.spec.ts'],
      transform: transpile('<rootDir>/tsconfig.legacy.json'),
    },
    {
      ...common,
      displayName: 'package',
      testMatch: ['<rootDir>/spec/package/**/*.spec.ts'],
      globalSetup: '<rootDir>/spec/package/support/install-packed.ts',
      globalTeardown: '<rootDir>/spec/package/support/remove-packed.ts',
      transform: transpile('<rootDir>/tsconfig.json'),
    },
    {
      ...common,
      displayName: 'clients',
      testMatch: ['<rootDir>/spec/clients/**/*.spec.ts'],
      globalSetup: '<rootDir>/spec/clients/support/install-clients.ts',
      transform: transpile('<rootDir>/tsconfig.json'),
    },
  ],
};

// As CommonJS, which Node 22 and later load as it is; on Node 20 Jest loads it with ts-node.
module.exports = config;
