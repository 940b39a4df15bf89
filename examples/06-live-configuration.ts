// An operator changes thresholds while the program runs: by pattern, for operations that exist and for those that come
// later. What the operator says wins over what the code says, an exact name over a pattern, and no counter is lost.

import assert from 'node:assert/strict';
import { CircuitOpenError, registry, withBreaker } from 'breaker-box';
import { configure } from 'breaker-box/operate';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get, reasonOf } from './support/http';

const post = async (url: string): Promise<unknown> => (await get(url, { method: 'POST' })).json();

const charge = withBreaker(post, { name: 'payments.charge', failureThreshold: 100, recoveryTimeout: '60s' });
const refund = withBreaker(post, { name: 'payments.refund', failureThreshold: 100, recoveryTimeout: '60s' });

/** Calls until the circuit opens, and tells how many calls that took. */
async function callsUntilOpen(call: (url: string) => Promise<unknown>, url: string): Promise<number> {
  for (let calls = 1; ; calls += 1) {
    const error = await call(url).then(() => assert.fail('the service is down'), (reason: unknown) => reason);
    if (error instanceof CircuitOpenError) return calls - 1;
  }
}

async function main(): Promise<void> {
  await using server = await FlakyServer.start({ '/payments': json(() => ({ ok: true })) });
  const url = server.url('/payments');
  server.route('/payments').misbehave(fault.status(500));

  console.log('Seven charges fail; the code tolerates a hundred.');
  for (let n = 1; n <= 7; n += 1) await assert.rejects(charge(url));
  console.log(`  payments.charge: ${charge.breaker?.state}, ${charge.breaker?.failureCount} failures`);
  assert.equal(charge.breaker?.state, 'closed');

  console.log("The operator: configure('payments.*', { failureThreshold: 10 })");
  configure(registry, 'payments.*', { failureThreshold: 10 });
  const more = await callsUntilOpen(charge, url);
  console.log(`  payments.charge: open after ${more} more failures; the seven before still count`);
  assert.equal(more, 3);

  console.log("The operator: configure('payments.refund', { failureThreshold: 2 })");
  configure(registry, 'payments.refund', { failureThreshold: 2 });
  const refunds = await callsUntilOpen(refund, url);
  console.log(`  payments.refund: open after ${refunds}; the exact name wins over the pattern`);
  assert.equal(refunds, 2);

  console.log('An operation that registers only now finds the pattern waiting.');
  const payout = withBreaker(post, { name: 'payments.payout', failureThreshold: 100 });
  const payouts = await callsUntilOpen(payout, url);
  console.log(`  payments.payout: open after ${payouts}`);
  assert.equal(payouts, 10);

  console.log('A mistake is refused as a whole, with all its problems named.');
  const mistake = () => configure(registry, 'payments.*', { failureThreshold: 0, recoveryTimeout: '-1s' });
  assert.throws(mistake, (error) => {
    console.log(`  ${reasonOf(error)}`);
    return error instanceof Error;
  });

  console.log('The service is repaired, and the operator does not want to wait a minute.');
  server.route('/payments').recover();
  registry.reset('payments.charge');
  await charge(url);
  assert.equal(charge.breaker?.state, 'closed');
  assert.equal(refund.breaker?.state, 'open');
  console.log(`  payments.charge: ${charge.breaker?.state}; payments.refund: ${refund.breaker?.state}`);
}

void main();
