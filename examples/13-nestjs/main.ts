// A Nest application whose breakers are configured by Nest's configuration: a service with policies, a guarded handler with a
// breaker, what clients are answered while a circuit is open, and what the health checks show of it. All over HTTP.

import 'reflect-metadata';
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { INestApplication } from '@nestjs/common';
import { ConfigurationError, registry } from 'breaker-box';
import { json } from '../support/content';
import { fault } from '../support/fault';
import { FlakyServer } from '../support/flaky-server';
import { AppModule } from './app.module';

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: { readonly message?: string; readonly rate?: number };
}

/** Asks the application, and prints what it answers. */
async function ask(app: INestApplication, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = app.getHttpServer().address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const answer = { status: response.status, retryAfter: response.headers.get('retry-after'), body: (await response.json()) as Answer['body'] };
  const said = answer.body.message ?? (answer.body.rate === undefined ? '' : `${answer.body.rate}`);
  console.log(`  GET ${path}: ${answer.status} ${said}${answer.retryAfter === null ? '' : `, Retry-After: ${answer.retryAfter}`}`);
  return answer;
}

async function start(breakers: string): Promise<INestApplication> {
  process.env.BREAKERS = breakers;
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  return app.listen(0, '127.0.0.1').then(() => app);
}

async function main(): Promise<void> {
  await using upstream = await FlakyServer.start({ '/rates/': json((currency) => ({ currency, rate: 1.25 })) });
  process.env.RATES_URL = upstream.origin;

  console.log('An operator mistypes an option. The application does not start:');
  await assert.rejects(start('{"rates.*":{"failureThreshhold":3}}'), (error) => {
    console.log(`  ${String(error)}`);
    return error instanceof ConfigurationError && error.issues[0]?.path === 'operations.rates.*.failureThreshhold';
  });

  const app = await start('{"rates.*":{"failureThreshold":3}}');
  try {
    await play(app, upstream);
  } finally {
    await app.close();
  }
}

async function play(app: INestApplication, upstream: FlakyServer<'/rates/'>): Promise<void> {
  console.log('All is well. The guard on the handler holds, though a breaker is among its decorators:');
  assert.equal((await ask(app, '/rates/EUR')).body.rate, 1.25);
  assert.equal((await ask(app, '/rates/EUR/history')).status, 403);
  assert.equal((await ask(app, '/rates/EUR/history', { 'x-role': 'analyst' })).status, 200);

  console.log('A third request for history is over the limit of the service:');
  assert.equal((await ask(app, '/rates/SEK/history', { 'x-role': 'analyst' })).status, 200);
  const limited = await ask(app, '/rates/SEK/history', { 'x-role': 'analyst' });
  assert.equal(limited.status, 429);
  assert.notEqual(limited.retryAfter, null);

  console.log('The other service hangs, and each attempt has 200 ms:');
  upstream.route('/rates/').misbehave(fault.hang());
  assert.equal((await ask(app, '/rates/EUR')).status, 504);
  assert.equal((await ask(app, '/rates/EUR')).status, 504);

  console.log('The third failure opened the circuit, as the configuration says. Clients are told when to come again:');
  const rejected = await ask(app, '/rates/EUR');
  assert.equal(rejected.status, 503);
  assert(Number(rejected.retryAfter) > 0 && Number(rejected.retryAfter) <= 30);
  const { hits } = upstream;
  assert.equal((await ask(app, '/rates/SEK')).status, 503);
  assert.equal(upstream.hits, hits, 'an open circuit asks nobody');

  console.log('The process lives, but is not ready:');
  assert.equal((await ask(app, '/health/live')).status, 200);
  assert.equal((await ask(app, '/health/ready')).status, 503);

  console.log('The other service is mended, and an operator does not wait for the next probe:');
  upstream.route('/rates/').recover();
  registry.reset('rates.current');
  assert.equal((await ask(app, '/rates/EUR')).status, 200);
  assert.equal((await ask(app, '/health/ready')).status, 200);
}

void main();
