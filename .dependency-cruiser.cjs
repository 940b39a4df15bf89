'use strict';

/** Innermost first: a file imports only from its own room and from those above it in this list. Rooms of one line may know each other. */
const rooms = [
  ['core'],
  ['breaker', 'retry', 'timeout', 'bulkhead', 'rate-limit', 'throttle', 'fallback', 'hedge', 'cache', 'chaos', 'registry', 'protect'],
  ['presets'],
  ['recovery'],
  ['fetch'],
  ['http'],
  ['operate'],
  ['fleet'],
  ['testing'],
  ['adapters'],
  ['simulate'],
  ['dashboard'],
  ['cli'],
];

const anyOf = (names) => `^lib/(${names.join('|')})/`;

const oneWay = rooms.slice(0, -1).map((room, index) => ({
  name: `rooms-${room[0]}`,
  comment: `lib/${room.join(', ')} may not know the rooms built on top of it`,
  severity: 'error',
  from: { path: anyOf(room) },
  to: { path: anyOf(rooms.slice(index + 1).flat()) },
}));

module.exports = {
  forbidden: [
    ...oneWay,
    {
      name: 'index-outside',
      comment: 'lib/index.ts is the outside of the library; nothing inside imports it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/index\\.ts$' },
      to: { path: '^lib/index\\.ts$' },
    },
    {
      name: 'rooms-unknown',
      comment: 'every folder of lib has its place in the list of rooms',
      severity: 'error',
      from: {},
      to: { path: '^lib/[^/]+/', pathNot: anyOf(rooms.flat()) },
    },
    {
      name: 'adapters-apart',
      comment: 'an adapter never imports another one: each is a subpath that a user may leave out',
      severity: 'error',
      from: { path: '^lib/adapters/([^/]+)/' },
      to: { path: '^lib/adapters/[^/]+/', pathNot: '^lib/adapters/($1|metrics)/' },
    },
    {
      name: 'no-cycles',
      comment: 'of imports that run; a type may name what uses it, as a state does its breaker',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'runs-in-browsers',
      comment: 'what the library needs of Node it asks of process.getBuiltinModule, so that the same file runs in a browser',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(adapters|fleet/(redis|cluster)|cli|dashboard)/|^lib/testing/node-test\\.ts$' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'declared-dependencies',
      comment: 'the library imports what its users get installed, nothing else; a subpath also what it asks its users for (a peer). What the program alone imports is bundled into it',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/cli/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'peers-in-subpaths',
      comment: 'what is not installed with the library is imported by subpaths alone',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/(adapters|fleet|testing|dashboard)/' },
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
