// One function that calls many hosts: with `key` it has one breaker per host, so a dead mirror is left alone while the
// other one serves. A single breaker would count both together, and open for both or for neither.

import assert from 'node:assert/strict';
import { CircuitOpenError, registry, withBreaker } from 'breaker-box';
import { files } from './support/content';
import { verifiedBody } from './support/digest';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get } from './support/http';
import { untilProbe } from './support/until-probe';

async function fetchFrom(url: string): Promise<Buffer> {
  return verifiedBody(await get(url));
}

const fetchPackage = withBreaker(fetchFrom, {
  name: 'mirror.fetch',
  key: (url) => new URL(url).host,
  failureThreshold: 3,
  recoveryTimeout: '700ms',
});

/** Tries the mirrors in turn: a rejected one costs nothing, so the order may stay as it is. */
async function fromAnyMirror(mirrors: readonly FlakyServer[], name: string): Promise<string> {
  const tried: string[] = [];
  for (const mirror of mirrors) {
    try {
      const bytes = await fetchPackage(mirror.url(`/packages/${name}`));
      return [...tried, `${bytes.length} bytes`].join(', ');
    } catch (error) {
      tried.push(error instanceof CircuitOpenError ? 'skipped' : 'failed');
    }
  }
  throw new Error(`no mirror has ${name}: ${tried.join(', ')}`);
}

async function main(): Promise<void> {
  await using near = await FlakyServer.start({ '/packages/': files(300_000) });
  await using far = await FlakyServer.start({ '/packages/': files(300_000) });
  const hostOf = (mirror: FlakyServer): string => new URL(mirror.origin).host;

  console.log('The near mirror drops every connection.');
  near.route('/packages/').misbehave(fault.drop());
  const names = ['left', 'right', 'up', 'down', 'strange', 'charm'];
  for (const name of names) console.log(`  ${name}: ${await fromAnyMirror([near, far], name)}`);

  // Keyed operations have no single breaker; `breakers` holds the live ones by key.
  for (const [host, breaker] of fetchPackage.breakers) console.log(`  ${host} is ${breaker.state}`);
  const nearBreaker = fetchPackage.breakers.get(hostOf(near));
  const farBreaker = fetchPackage.breakers.get(hostOf(far));
  assert(nearBreaker && farBreaker);
  assert.deepEqual(registry.keys('mirror.fetch').sort(), [hostOf(near), hostOf(far)].sort());
  assert.equal(nearBreaker.state, 'open');
  assert.equal(farBreaker.state, 'closed');
  assert.equal(near.route('/packages/').hits, 3);
  assert.equal(far.route('/packages/').hits, names.length);

  console.log('The near mirror recovers.');
  near.route('/packages/').recover();
  await untilProbe(nearBreaker);
  console.log(`  bottom: ${await fromAnyMirror([near, far], 'bottom')}; near is ${nearBreaker.state}`);
  assert.equal(nearBreaker.state, 'closed');
  assert.equal(far.route('/packages/').hits, names.length);
}

void main();
