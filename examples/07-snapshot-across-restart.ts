// A restart must not forget an outage: without the snapshot, each fresh process would hammer the broken service until
// its own breaker has learned again. Two real processes: the first opens the circuit, writes a snapshot and exits; the
// second starts with the circuit open, waits out what is left of the recovery timeout, and probes once.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CircuitOpenError, registry, withBreaker } from 'breaker-box';
import { restore, snapshot } from 'breaker-box/operate';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get, reasonOf } from './support/http';
import { untilProbe } from './support/until-probe';

const RECOVERY_MS = 4_000;

const options = { name: 'stock.fetch', failureThreshold: 3, recoveryTimeout: RECOVERY_MS };
const fetchStock = async (url: string): Promise<unknown> => (await get(url)).json();

async function firstProcess(url: string, file: string): Promise<void> {
  const stock = withBreaker(fetchStock, options);
  while (stock.breaker?.state === 'closed') await stock(url).catch((error) => console.log(`  ${reasonOf(error)}`));
  await writeFile(file, JSON.stringify(snapshot(registry)));
  console.log(`  the circuit is ${stock.breaker?.state}; snapshot written`);
}

async function secondProcess(url: string, file: string): Promise<void> {
  // The operation does not exist yet: the registry keeps its state until it registers.
  restore(registry, JSON.parse(await readFile(file, 'utf8')));
  const stock = withBreaker(fetchStock, options);
  const { breaker } = stock;
  assert(breaker);

  const error = await stock(url).catch((reason: unknown) => reason);
  assert(error instanceof CircuitOpenError);
  console.log(`  ${error.userMessage}`);
  assert(error.retryAfter > 0 && error.retryAfter < RECOVERY_MS);

  await untilProbe(breaker);
  await stock(url);
  console.log(`  the probe went through; the circuit is ${breaker.state}`);
  assert.equal(breaker.state, 'closed');
}

/** Runs this very file again, in a process of its own. */
async function start(role: string, url: string, file: string): Promise<void> {
  const [code] = await once(fork(process.argv[1] ?? '', [role, url, file]), 'exit');
  assert.equal(code, 0, `the ${role} process failed`);
}

async function parent(file: string): Promise<void> {
  await using server = await FlakyServer.start({ '/stock': json(() => ({ widgets: 7 })) });
  const route = server.route('/stock');
  const url = server.url('/stock');

  console.log('The first process meets a broken service.');
  route.misbehave(fault.status(503));
  await start('first', url, file);
  assert.equal(route.hits, 3);
  const openedBy = route.lastHitAt;

  console.log('It exits; the service recovers; the second process starts.');
  route.recover();
  await start('second', url, file);
  const waitedMs = route.lastHitAt - openedBy;
  console.log(`The service saw one more request, ${waitedMs} ms after the failure that opened the circuit.`);
  assert.equal(route.hits, 4);
  // The failure is seen by the client a moment after the server, never before; a few ms for two clocks' rounding.
  assert(waitedMs >= RECOVERY_MS - 5);
}

async function main([role, url, file]: string[]): Promise<void> {
  if (role === 'first' && url && file) return firstProcess(url, file);
  if (role === 'second' && url && file) return secondProcess(url, file);
  const directory = await mkdtemp(join(tmpdir(), 'snapshot-'));
  await parent(join(directory, 'breakers.json')).finally(() => rm(directory, { recursive: true }));
}

void main(process.argv.slice(2));
