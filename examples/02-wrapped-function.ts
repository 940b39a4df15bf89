// Protection without decorators: `withPipeline` returns a function of the very type it was given, so callers do not
// change. Here a service hangs, which is worse than an error: without a time limit every caller would wait with it.

import assert from 'node:assert/strict';
import { circuitBreaker, CircuitOpenError, currentCall, retry, withPipeline } from 'breaker-box';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get, reasonOf } from './support/http';
import { firstCalls } from './support/schedule';
import { untilProbe } from './support/until-probe';

interface Rate {
  readonly pair: string;
  readonly rate: number;
}

async function fetchRate(server: string, pair: string): Promise<Rate> {
  // Read before the first await: the signal is aborted when the attempt runs out of time, and the request with it.
  const signal = currentCall()?.signal ?? null;
  return (await get(`${server}/rates/${pair}`, { signal })).json() as Promise<Rate>;
}

const protectedRate = withPipeline(fetchRate, [
  retry({ name: 'rates.fetch', maxAttempts: 3, baseDelay: '20ms', attemptTimeout: '500ms' }),
  circuitBreaker({ failureThreshold: 4, recoveryTimeout: '800ms' }),
]);

/** What a caller does with each answer: a rate, or words it can show to a person. */
async function show(server: string, pair: string): Promise<string> {
  try {
    const { rate } = await protectedRate(server, pair);
    return `1 ${pair.slice(0, 3)} = ${rate} ${pair.slice(3)}`;
  } catch (error) {
    return error instanceof CircuitOpenError ? error.userMessage : reasonOf(error);
  }
}

async function main(): Promise<void> {
  await using server = await FlakyServer.start({ '/rates/': json((pair): Rate => ({ pair, rate: 1.0842 })) });
  const rates = server.route('/rates/');
  const { breaker, operation, pipeline } = protectedRate;
  assert(breaker);
  console.log(`${operation}: ${pipeline.map(({ policy }) => policy).join(' > ')} > function`);

  console.log('One dropped connection: the retry deals with it, the caller sees nothing.');
  rates.misbehave(firstCalls(1, fault.drop()));
  console.log(`  ${await show(server.origin, 'EURUSD')}`);
  assert.equal(rates.hits, 2);

  console.log('The service hangs: each attempt is given up after 500 ms, the fourth in a row opens the circuit.');
  rates.misbehave(fault.hang());
  console.log(`  ${await show(server.origin, 'EURUSD')}`);
  console.log(`  ${await show(server.origin, 'EURUSD')}`);
  assert.equal(breaker.state, 'open');
  assert.equal(rates.hits, 6);

  console.log('From here on callers are told at once, without waiting and without a request.');
  console.log(`  ${await show(server.origin, 'EURUSD')}`);
  await assert.rejects(protectedRate(server.origin, 'EURUSD'), (error) => {
    assert(error instanceof CircuitOpenError);
    assert(error.retryAfter > 0 && error.retryAfter <= 800);
    return true;
  });
  assert.equal(rates.hits, 6);

  console.log('It recovers, and the next call after the recovery timeout finds out.');
  rates.recover();
  await untilProbe(breaker);
  console.log(`  ${await show(server.origin, 'EURUSD')}; the circuit is ${breaker.state}`);
  assert.equal(breaker.state, 'closed');
}

void main();
