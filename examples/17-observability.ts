// What the people who run a program see of its breakers: metrics that Prometheus scrapes, one log line for each change of a
// circuit and none for each rejected call, a health check, and a diagnostics channel. The service is down for a while.

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { registry, withPolicies } from 'breaker-box';
import { breakerHealth, logTransitions } from 'breaker-box/operate';
import { prometheusMetrics } from 'breaker-box/prometheus';
import { pino } from 'pino';
import { register } from 'prom-client';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get } from './support/http';
import { untilProbe } from './support/until-probe';

/** The second server of the program: for Prometheus, and for Kubernetes. */
async function startOperations(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void register.metrics().then((text) => response.setHeader('content-type', register.contentType).end(text));
      return;
    }
    const health = breakerHealth(registry, { critical: ['stock.*'] });
    response.writeHead(health.status === 'up' ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(health));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function main(): Promise<void> {
  await using service = await FlakyServer.start({ '/stock': json(() => ({ widgets: 7 })) });
  const operations = await startOperations();
  const origin = `http://127.0.0.1:${(operations.address() as AddressInfo).port}`;
  const read = async (path: string): Promise<string> => (await fetch(origin + path)).text();

  console.log('Log lines, as pino writes them:');
  const stopLogging = logTransitions(registry, pino({ base: null, serializers: { err: ({ name, message }: Error) => `${name}: ${message}` } }, pino.destination({ sync: true })));
  const stopMetrics = prometheusMetrics(registry);
  let rejectedByChannel = 0;
  subscribe('breaker-box:reject', () => rejectedByChannel++);

  const stock = withPolicies(async (): Promise<unknown> => (await get(service.url('/stock'))).json(), {
    name: 'stock.fetch',
    retry: { maxAttempts: 2, baseDelay: 20 },
    breaker: { failureThreshold: 4, recoveryTimeout: 1000 },
    bulkhead: { maxConcurrent: 20 },
  });

  for (let n = 0; n < 10; n++) await stock();
  service.route('/stock').misbehave(fault.status(503));
  for (let n = 0; n < 50; n++) await stock().catch(() => undefined);
  const during = await fetch(`${origin}/health`);
  const health = await during.text();
  service.route('/stock').recover();
  assert(stock.breaker);
  await untilProbe(stock.breaker);
  for (let n = 0; n < 5; n++) await stock();

  console.log(`\nHealth during the outage: ${during.status} ${health}`);
  const metrics = await read('/metrics');
  console.log('\nThe scrape, without the buckets of its histograms:');
  console.log(metrics.split('\n').filter((line) => line.startsWith('breaker_box_') && !line.includes('_bucket{')).join('\n'));
  console.log(`\nThe diagnostics channel told of ${rejectedByChannel} rejections.`);

  assert.equal(during.status, 503);
  assert.match(metrics, /^breaker_box_calls_total\{operation="stock\.fetch",outcome="success"\} 15$/m);
  assert.match(metrics, /^breaker_box_calls_total\{operation="stock\.fetch",outcome="failure"\} 2$/m);
  assert.match(metrics, /^breaker_box_calls_total\{operation="stock\.fetch",outcome="rejected"\} 48$/m);
  assert.match(metrics, /^breaker_box_rejections_total\{operation="stock\.fetch",reason="open"\} 48$/m);
  assert.match(metrics, /^breaker_box_bulkhead_usage\{operation="stock\.fetch"\} 0$/m);
  assert.match(metrics, /^breaker_box_bulkhead_limit\{operation="stock\.fetch"\} 20$/m);
  assert.match(metrics, /^breaker_box_attempts_total\{operation="stock\.fetch",kind="retry",outcome="failure"\} 2$/m);
  assert.match(metrics, /^breaker_box_breaker_state\{operation="stock\.fetch",state="closed"\} 1$/m);
  assert.equal(rejectedByChannel, 48);

  stopMetrics();
  stopLogging();
  operations.close();
  operations.closeAllConnections();
}

void main();
