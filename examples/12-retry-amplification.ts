// Three services in a row, A -> B -> C, and C is down. Where the client, A and B each try three times, C gets 27 requests
// for every call: it is kept down by those who wait for it. A shared budget, or one layer that retries, ends that.

import assert from 'node:assert/strict';
import { RetryBudget, withRetry, type RetryOptions } from 'breaker-box';
import { httpFailure } from 'breaker-box/presets';
import { Relay } from './support/relay';

const CALLS = 20;

/** How each of the three callers (the client, A, B) retries. */
interface SetUp {
  readonly name: string;
  readonly client: RetryOptions;
  readonly inner: RetryOptions;
}

const thrice: RetryOptions = { maxAttempts: 3, baseDelay: 1, handleResult: httpFailure };
const once: RetryOptions = { ...thrice, maxAttempts: 1 };

async function status(url: string): Promise<{ status: number }> {
  const response = await fetch(url);
  // An unread body would hold its connection.
  await response.body?.cancel();
  return response;
}

/** Asks one service, with the retries of one caller. */
function asking(url: string, caller: string, options: RetryOptions): () => Promise<number> {
  const ask = withRetry(status, { ...options, name: `${caller} #${++operations}` });
  return async () => (await ask(url)).status;
}
let operations = 0;

/** Requests that A, B and C see for {@link CALLS} calls of the client. */
async function measure({ client, inner }: SetUp): Promise<readonly [a: number, b: number, c: number]> {
  await using c = await Relay.start(async () => 503);
  await using b = await Relay.start(asking(c.url, 'b asks c', inner));
  await using a = await Relay.start(asking(b.url, 'a asks b', inner));
  const call = asking(a.url, 'client asks a', client);
  for (let n = 0; n < CALLS; n++) assert.equal(await call(), 503);
  return [a.hits, b.hits, c.hits];
}

async function main(): Promise<void> {
  // A fifth of the calls may be repeated, all layers together. Nothing is free here, so that the figures are the same each time.
  const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 0, ttl: '10m' });
  const setUps: SetUp[] = [
    { name: 'every layer retries', client: thrice, inner: thrice },
    { name: 'every layer, one shared budget', client: { ...thrice, budget }, inner: { ...thrice, budget } },
    { name: 'the outermost layer alone', client: thrice, inner: once },
    { name: 'nobody retries', client: once, inner: once },
  ];

  console.log(`C is down; the client makes ${CALLS} calls.`);
  console.log(`${'retries'.padEnd(32)}${['A sees', 'B sees', 'C sees', 'per call'].map((head) => head.padStart(10)).join('')}`);
  const seen: number[] = [];
  for (const setUp of setUps) {
    const hits = await measure(setUp);
    const columns = [...hits.map(String), (hits[2] / CALLS).toFixed(1)];
    console.log(`${setUp.name.padEnd(32)}${columns.map((column) => column.padStart(10)).join('')}`);
    seen.push(hits[2]);
  }

  const [everybody = 0, budgeted = 0, outermost, nobody] = seen;
  assert.equal(everybody, CALLS * 27);
  assert.equal(outermost, CALLS * 3);
  assert.equal(nobody, CALLS);
  // Each request that a layer makes deposits a fifth of a retry, and a retry is a call of the layers inside it.
  assert(budgeted > CALLS && budgeted < CALLS * 3, `C saw ${budgeted} requests under the budget`);
}

void main();
