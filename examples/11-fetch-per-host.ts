// `fetchWith()` gives a `fetch` for the whole program, protected for each host by itself: the host that fails opens its own
// circuit, and the others notice nothing. It takes what `fetch` takes, and gives what `fetch` gives.

import assert from 'node:assert/strict';
import { CircuitOpenError } from 'breaker-box';
import { fetchWith } from 'breaker-box/fetch';
import { presets } from 'breaker-box/presets';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { untilProbe } from './support/until-probe';

const protectedFetch = fetchWith(presets.http({ retry: { baseDelay: '10ms' }, breaker: { failureThreshold: 5, recoveryTimeout: '700ms' } }));

async function main(): Promise<void> {
  await using prices = await FlakyServer.start({ '/prices/': json((id) => ({ id, price: 42 })) });
  await using stock = await FlakyServer.start({ '/stock/': json((id) => ({ id, left: 7 })) });
  const hostOf = (server: FlakyServer): string => new URL(server.origin).host;

  console.log('The price service fails; the stock service is well.');
  prices.route('/prices/').misbehave(fault.status(500));
  const outcomes: string[] = [];
  for (const id of ['a', 'b', 'c', 'd']) {
    const price = await protectedFetch(prices.url(`/prices/${id}`)).then(
      (response) => `status ${response.status}`,
      (error: unknown) => (error instanceof CircuitOpenError ? 'not asked' : String(error)),
    );
    const left = (await (await protectedFetch(stock.url(`/stock/${id}`))).json()) as { left: number };
    console.log(`  ${id}: price ${price}; ${left.left} left`);
    outcomes.push(price);
  }
  assert.deepEqual(outcomes, ['status 500', 'status 500', 'not asked', 'not asked']);
  // Three attempts, two more until the fifth failure opened the circuit, and then none.
  assert.equal(prices.hits, 5);
  assert.equal(stock.hits, 4);

  for (const [host, { state }] of protectedFetch.breakers) console.log(`  ${host} is ${state}`);
  const breaker = protectedFetch.breakers.get(hostOf(prices));
  assert(breaker);
  assert.equal(breaker.state, 'open');
  assert.equal(protectedFetch.breakers.get(hostOf(stock))?.state, 'closed');

  console.log('The caller can leave at any time, and then it is nobody\'s failure.');
  stock.route('/stock/').misbehave(fault.hang());
  await assert.rejects(protectedFetch(stock.url('/stock/a'), { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  assert.equal(protectedFetch.breakers.get(hostOf(stock))?.stats.failures, 0);

  console.log('The price service recovers, and the next call after its pause finds out.');
  prices.route('/prices/').recover();
  await untilProbe(breaker);
  const response = await protectedFetch(prices.url('/prices/a'));
  console.log(`  ${await response.text()}; its circuit is ${breaker.state}`);
  assert.equal(response.status, 200);
  assert.equal(breaker.state, 'closed');
}

void main();
