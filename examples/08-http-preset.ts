// `presets.http()` around `fetch` itself: what may be repeated is, what may not is not, and the server's `Retry-After` is
// believed. The arguments of `fetch` tell the method, so nobody has to say which call is safe.

import assert from 'node:assert/strict';
import { CircuitOpenError, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { reasonOf } from './support/http';
import { firstCalls } from './support/schedule';

const callOrders = withPolicies(fetch, { name: 'orders', ...presets.http({ retry: { baseDelay: '20ms' } }) });

async function main(): Promise<void> {
  await using server = await FlakyServer.start({ '/orders/': json((id) => ({ id, state: 'paid' })) });
  const orders = server.route('/orders/');
  const url = server.url('/orders/7');

  /** Calls, and counts the requests that the server saw. */
  async function show(what: string, init?: RequestInit): Promise<[outcome: unknown, requests: number]> {
    const before = orders.hits;
    const outcome = await callOrders(url, init).then((response) => response.status, (error: unknown) => error);
    const requests = orders.hits - before;
    console.log(`  ${what}: ${outcome instanceof Error ? reasonOf(outcome) : String(outcome)} after ${requests} request${requests === 1 ? '' : 's'}`);
    return [outcome, requests];
  }

  console.log('A busy service asks for a second of patience; a GET waits for it.');
  orders.misbehave(firstCalls(1, fault.status(429, 1)));
  const startedAt = performance.now();
  assert.deepEqual(await show('GET'), [200, 2]);
  // A few ms for two clocks' rounding.
  assert(performance.now() - startedAt >= 1000 - 5);

  console.log('A dropped connection, and an answer of 503: a GET tries again, a POST leaves that to its caller.');
  orders.misbehave(firstCalls(1, fault.drop()));
  assert.deepEqual(await show('GET, dropped'), [200, 2]);
  orders.misbehave(firstCalls(1, fault.status(503)));
  assert.deepEqual(await show('GET'), [200, 2]);
  orders.misbehave(firstCalls(1, fault.status(503)));
  assert.deepEqual(await show('POST', { method: 'POST', body: '{}' }), [503, 1]);
  orders.misbehave(firstCalls(1, fault.status(503)));
  assert.deepEqual(await show('POST with an Idempotency-Key', { method: 'POST', body: '{}', headers: { 'Idempotency-Key': '7-paid' } }), [200, 2]);

  console.log('A request for something that is not there is answered, not failed: 404, once.');
  orders.misbehave(fault.status(404));
  assert.deepEqual(await show('GET'), [404, 1]);

  console.log('The service breaks down: half of the attempts fail, and the circuit opens.');
  orders.misbehave(fault.status(500));
  while (callOrders.breaker?.state === 'closed') await show('GET');
  const [rejection, requests] = await show('GET');
  assert(rejection instanceof CircuitOpenError);
  assert.equal(requests, 0);
}

void main();
