'use strict';

/** Outermost last: a file imports only from its own layer and from those above it in this list. */
const layers = [
  'core',
  'backoff',
  'window',
  'budget',
  'policies',
  'registry',
  'pipeline',
  'presets',
  'wrap',
  'decorators',
  'recovery',
  'fetch',
  'http',
  'observe',
  'sharing',
  'testing',
  'adapters',
  'simulate',
  'dashboard',
  'cli',
];

const anyOf = (names) => `^lib/(${names.join('|')})/`;

const oneWay = layers.slice(0, -1).map((layer, index) => ({
  name: `layers-${layer}`,
  comment: `lib/${layer} may not know the layers built on top of it`,
  severity: 'error',
  from: { path: anyOf([layer]) },
  to: { path: anyOf(layers.slice(index + 1)) },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'layers-index',
      comment: 'lib/index.ts is the outside of the library; nothing inside imports it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/index\\.ts$' },
    },
    {
      name: 'layers-unknown',
      comment: 'every folder of lib has its place in the list of layers',
      severity: 'error',
      from: {},
      to: { path: '^lib/[^/]+/', pathNot: anyOf(layers) },
    },
    {
      name: 'policies-apart',
      comment: 'a policy never imports another one; they meet in the pipeline. Except for the timeout of each attempt of a retry',
      severity: 'error',
      from: { path: '^lib/policies/([^/]+)/', pathNot: '^lib/policies/retry/policy\\.ts$' },
      to: { path: '^lib/policies/[^/]+/', pathNot: '^lib/policies/$1/' },
    },
    {
      name: 'retry-apart',
      comment: 'the retry imports of other policies the layer of its attemptTimeout alone, so that only its users pay for that',
      severity: 'error',
      from: { path: '^lib/policies/retry/policy\\.ts$' },
      to: { path: '^lib/policies/[^/]+/', pathNot: '^lib/policies/(retry/|timeout/layer\\.ts$)' },
    },
    {
      name: 'policies-by-kind',
      comment: 'a pipeline knows its policies by their kinds, so that a bundle has those that are imported; but for the breaker, and what names them all',
      severity: 'error',
      from: { path: '^lib/(registry|pipeline)/', pathNot: '^lib/pipeline/(policy-options|cache-of)\\.ts$' },
      to: { path: '^lib/policies/', pathNot: '^lib/policies/circuit-breaker/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-apart',
      comment: 'an adapter never imports another one: each is a subpath that a user may leave out',
      severity: 'error',
      from: { path: '^lib/adapters/([^/]+)/' },
      to: { path: '^lib/adapters/[^/]+/', pathNot: '^lib/adapters/$1/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true },
    },
    {
      name: 'runs-in-browsers',
      comment: 'what the library needs of Node it asks of process.getBuiltinModule, so that the same file runs in a browser',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(adapters|cli|dashboard)/|^lib/testing/node-test\\.ts$' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-dependencies',
      comment: 'the library imports what its users get installed, nothing else; a subpath also what it asks its users for (a peer)',
      severity: 'error',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'peers-in-subpaths',
      comment: 'what is not installed with the library is imported by subpaths alone',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(adapters|testing|dashboard)/' },
      to: { dependencyTypes: ['npm-peer'] },
    },
    {
      name: 'no-reflect-metadata',
      comment: 'used when somebody else has loaded it, never loaded by us',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: 'reflect-metadata' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'lib-alone',
      comment: 'specs, examples and benchmarks stay outside of the library',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(spec|examples|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.base.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'import', 'require', 'types', 'default'] },
  },
};
