// `presets.database()` tells failures apart by what they left behind. After a deadlock nothing was done, so anything may be
// tried again; after a lost connection nobody knows, so only what may be done twice is. The database is a small TCP server.

import assert from 'node:assert/strict';
import { BulkheadFullError, CircuitOpenError, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import { LineDatabase, statement } from './support/line-database';

// Adding twice is not adding once.
const add = withPolicies((port: number, name: string, n: number) => statement(port, `ADD ${name} ${n}`), {
  name: 'accounts.add',
  ...presets.database(),
});

// Reading twice is.
const read = withPolicies((port: number, name: string) => statement(port, `GET ${name}`), {
  name: 'accounts.read',
  ...presets.database({ retry: { idempotent: true } }),
});

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

async function main(): Promise<void> {
  let port: number;
  {
    await using database = await LineDatabase.start();
    port = database.port;

    console.log('Two deadlocks in a row: the server rolled back, so the addition is tried again.');
    database.misbehave('deadlock', 'deadlock');
    const balance = await add(port, 'alice', 100);
    console.log(`  alice has ${balance} after ${database.statements} statements`);
    assert.deepEqual([balance, database.statements], [100, 3]);

    console.log('The connection is lost after the work was done: the addition is not repeated, its caller must look.');
    database.misbehave('lost');
    const lost: unknown = await add(port, 'alice', 1).catch((error: unknown) => error);
    console.log(`  ${String(lost)}; alice has ${database.valueOf('alice')}`);
    assert.equal(codeOf(lost), 'ECONNRESET');
    assert.equal(database.valueOf('alice'), 101);

    console.log('A read may be repeated.');
    database.misbehave('lost');
    const found = await read(port, 'alice');
    console.log(`  alice has ${found}`);
    assert.equal(found, 101);

    console.log('A burst of 130 reads meets a pool of ten: a hundred wait, twenty are told at once that it is full.');
    const burst = await Promise.allSettled(Array.from({ length: 130 }, () => read(port, 'alice')));
    const refused = burst.filter(({ status }) => status === 'rejected');
    console.log(`  ${burst.length - refused.length} served, at most ${database.busiest} at a time; ${refused.length} refused`);
    assert.equal(database.busiest, 10);
    assert.equal(refused.length, 20);
    assert(refused.every((result) => result.status === 'rejected' && result.reason instanceof BulkheadFullError));
    assert.equal(read.breaker?.state, 'closed');
  }

  console.log('The database is gone: connections are refused, until the circuit spares everybody the wait.');
  let calls = 0;
  while (add.breaker?.state === 'closed') {
    await assert.rejects(add(port, 'alice', 1), (error) => codeOf(error) === 'ECONNREFUSED');
    calls += 1;
  }
  console.log(`  the circuit of ${add.operation} is ${add.breaker?.state} after ${calls} calls`);
  await assert.rejects(add(port, 'alice', 1), CircuitOpenError);
}

void main();
