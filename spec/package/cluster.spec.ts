import { runProgram } from './support/consumer';

/** A primary with two workers: one writes a record, and the other reads it. */
const body = `
  if (cluster.isPrimary) {
    const store = clusterPrimary();
    const writer = cluster.fork({ ROLE: 'writer' });
    writer.on('exit', () => cluster.fork({ ROLE: 'reader' }).on('exit', () => store.stop()));
  } else {
    const store = clusterStore();
    const role = process.env.ROLE;
    store.announce(role, 'here', 60_000)
      .then(() => store.read(['users.fetch']))
      .then(async ({ now, server, stored: [stored] }) => {
        if (role === 'reader') console.log(JSON.stringify({ stored, members: [...(await store.members()).keys()] }));
        else await store.compareAndSet('users.fetch', { revision: '', server, notAfter: now + 60_000 }, { revision: 'r1', value: 'a record' }, 60_000);
        process.disconnect();
      });
  }
`;

it.each([
  ['cjs', `const cluster = require('node:cluster'); const { clusterPrimary, clusterStore } = require('breaker-box/cluster'); ${body}`],
  ['mjs', `import cluster from 'node:cluster'; import { clusterPrimary, clusterStore } from 'breaker-box/cluster'; ${body}`],
] as const)('lets workers of node:cluster share breakers: %s', (extension, source) => {
  expect(runProgram(extension, source)).toEqual({ stored: { revision: 'r1', value: 'a record' }, members: ['writer', 'reader'] });
});
