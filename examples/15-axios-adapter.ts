// `axiosWith(axios)` is an adapter that gives every host a circuit of its own. Instances, interceptors and cancellation work as before.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { CircuitOpenError } from 'breaker-box';
import { axiosWith } from 'breaker-box/axios';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { untilProbe } from './support/until-probe';

const send = axiosWith(axios, { breaker: { failureThreshold: 3, recoveryTimeout: '500ms' } });

const client = axios.create({ adapter: send, timeout: 2000, proxy: false });

async function statusOf(url: string, config?: Parameters<typeof client.get>[1]): Promise<string> {
  try {
    return `status ${(await client.get(url, config)).status}`;
  } catch (error) {
    if (error instanceof CircuitOpenError) return 'not asked';
    if (axios.isAxiosError(error) && error.response !== undefined) return `status ${error.response.status}`;
    return String((error as { code?: unknown }).code ?? error);
  }
}

async function main(): Promise<void> {
  await using prices = await FlakyServer.start({ '/prices/': json((id) => ({ id, price: 42 })) });
  await using stock = await FlakyServer.start({ '/stock/': json((id) => ({ id, left: 7 })) });
  const breakerOf = (server: FlakyServer) => {
    const breaker = send.breakers.get(new URL(server.origin).host);
    assert(breaker);
    return breaker;
  };

  console.log('What is not there is an answer, however often it is asked for.');
  prices.route('/prices/').misbehave(fault.status(404));
  for (let n = 0; n < 4; n++) assert.equal(await statusOf(prices.url('/prices/x')), 'status 404');
  assert.equal(breakerOf(prices).state, 'closed');

  console.log('The price service fails; the stock service is well.');
  prices.route('/prices/').misbehave(fault.status(503));
  const outcomes: string[] = [];
  for (const id of ['a', 'b', 'c', 'd']) {
    const [price, left] = [await statusOf(prices.url(`/prices/${id}`)), await statusOf(stock.url(`/stock/${id}`))];
    console.log(`  ${id}: price ${price}; stock ${left}`);
    outcomes.push(price);
    assert.equal(left, 'status 200');
  }
  assert.deepEqual(outcomes, ['status 503', 'status 503', 'status 503', 'not asked']);
  assert.equal(prices.hits, 4 + 3);
  assert.equal(breakerOf(stock).state, 'closed');

  console.log('The caller can leave at any time, and then it is nobody\'s failure.');
  stock.route('/stock/').misbehave(fault.hang());
  const controller = new AbortController();
  const leaving = statusOf(stock.url('/stock/a'), { signal: controller.signal });
  const before = stock.hits;
  while (stock.hits === before) await sleep(5);
  controller.abort();
  assert.equal(await leaving, 'ERR_CANCELED');
  assert.equal(await statusOf(stock.url('/stock/a'), { signal: AbortSignal.abort() }), 'ERR_CANCELED');
  assert.equal(await statusOf('no url'), 'ERR_INVALID_URL');
  assert.equal(breakerOf(stock).stats.failures, 0);
  assert.equal(breakerOf(stock).stats.ignored, 1);

  console.log('A host that takes too long fails, and so does one that hangs up.');
  assert.equal(await statusOf(stock.url('/stock/a'), { timeout: 50 }), 'ECONNABORTED');
  stock.route('/stock/').misbehave(fault.drop());
  console.log(`  ${await statusOf(stock.url('/stock/a'))}`);
  assert.equal(breakerOf(stock).failureCount, 2);

  console.log('The price service recovers, and the next call after its pause finds out.');
  prices.route('/prices/').recover();
  await untilProbe(breakerOf(prices));
  const { data } = await client.get<{ id: string; price: number }>('/prices/a', { baseURL: prices.origin });
  console.log(`  ${JSON.stringify(data)}; its circuit is ${breakerOf(prices).state}`);
  assert.deepEqual(data, { id: 'a', price: 42 });
  assert.equal(breakerOf(prices).state, 'closed');
}

void main();
