import { runProgram } from './support/consumer';

/** A primary with two workers: one opens a breaker for all, and the other sees it. */
const body = `
  const sender = { seen: { epoch: 0, state: 'closed', remaining: 0, reopenings: 0 }, alive: 60_000, lease: 1000 };
  if (cluster.isPrimary) {
    const store = clusterPrimary();
    const opener = cluster.fork({ ROLE: 'opener' });
    opener.on('exit', () => cluster.fork({ ROLE: 'reader' }).on('exit', () => store.stop()));
  } else {
    const store = clusterStore();
    const role = process.env.ROLE;
    const vote = { kind: 'vote', lasts: 60_000, openFor: 60_000, quorum: { min: 1, ratio: 0 } };
    store.apply('users.fetch', { ...sender, process: role, ...(role === 'opener' ? vote : { kind: 'get' }) }).then(({ state, processes }) => {
      if (role === 'reader') console.log(JSON.stringify({ state, processes }));
      process.disconnect();
    });
  }
`;

it.each([
  ['cjs', `const cluster = require('node:cluster'); const { clusterPrimary, clusterStore } = require('breaker-box/cluster'); ${body}`],
  ['mjs', `import cluster from 'node:cluster'; import { clusterPrimary, clusterStore } from 'breaker-box/cluster'; ${body}`],
] as const)('lets workers of node:cluster share breakers: %s', (extension, source) => {
  expect(runProgram(extension, source)).toEqual({ state: 'open', processes: 2 });
});
