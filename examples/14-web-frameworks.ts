// What policies end, Express, Fastify and Hono answer alike: an open circuit and a full bulkhead with 503, a rate limit with 429,
// a timeout with 504, and with `Retry-After` where the time is known. Each needs one line for it. All else is left to the framework.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdaptorServer } from '@hono/node-server';
import { currentCall, withPolicies } from 'breaker-box';
import { breakerBoxErrors as expressErrors } from 'breaker-box/express';
import { breakerBoxErrors as fastifyErrors } from 'breaker-box/fastify';
import { breakerBoxErrors as honoErrors } from 'breaker-box/hono';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get } from './support/http';

/** What a path is served with. */
type Routes = Readonly<Record<`/${string}`, () => Promise<unknown>>>;

interface Site {
  readonly origin: string;
  close(): Promise<unknown>;
}

const frameworks: Readonly<Record<string, (routes: Routes) => Promise<Site>>> = {
  async Express(routes) {
    // Express would print what nobody handles.
    const app = express().set('env', 'test');
    for (const [path, load] of Object.entries(routes)) app.get(path, async (_request, response) => void response.json(await load()));
    app.use(expressErrors());
    return listen(createServer(app));
  },
  async Fastify(routes) {
    const app = fastify();
    app.setErrorHandler(fastifyErrors());
    for (const [path, load] of Object.entries(routes)) app.get(path, () => load());
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  async Hono(routes) {
    const app = new Hono();
    // Hono would print what nobody handles.
    app.onError(honoErrors({ otherwise: (_error, context) => context.text('Internal Server Error', 500) }));
    for (const [path, load] of Object.entries(routes)) app.get(path, async (context) => context.json(await load()));
    return listen(createAdaptorServer({ fetch: app.fetch }) as Server);
  },
};

async function listen(server: Server): Promise<Site> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** The same three operations for each framework, each with circuits and limits of its own. */
function operations(framework: string, upstream: FlakyServer): Routes {
  const load = (path: string) => async (): Promise<unknown> => {
    const { signal = null } = currentCall() ?? {};
    return (await get(upstream.url(path), { signal })).json();
  };
  const name = (operation: string): string => `${framework}.${operation}`;
  return {
    '/profile': withPolicies(load('/profile/7'), { name: name('profile'), breaker: { failureThreshold: 3, recoveryTimeout: '30s' } }),
    '/search': withPolicies(load('/search/'), { name: name('search'), rateLimit: { limit: 1, interval: '1h' } }),
    '/report': withPolicies(load('/report/'), { name: name('report'), bulkhead: 1, timeout: '150ms' }),
  };
}

/** `503, again in 30 s: BREAKER_OPEN` */
async function ask(url: string): Promise<string> {
  const response = await fetch(url);
  const retryAfter = response.headers.get('retry-after');
  const code = /"code":"(\w+)"/.exec(await response.text())?.[1];
  return `${response.status}${retryAfter === null ? '' : `, again in ${retryAfter} s`}${code === undefined ? '' : `: ${code}`}`;
}

/** What a site answers while its upstream goes through one trouble after the other. */
async function story(origin: string, upstream: FlakyServer<'/profile/' | '/search/' | '/report/'>): Promise<Record<string, string>> {
  const profile = upstream.route('/profile/');
  const report = upstream.route('/report/');
  const answers: Record<string, string> = { 'all is well': await ask(`${origin}/profile`) };

  profile.misbehave(fault.status(500));
  for (let n = 0; n < 3; n++) answers['the upstream fails'] = await ask(`${origin}/profile`);
  const before = profile.hits;
  answers['its circuit is open'] = await ask(`${origin}/profile`);
  assert.equal(profile.hits, before, 'the upstream is spared');
  profile.recover();

  await ask(`${origin}/search`);
  answers['the rate limit is reached'] = await ask(`${origin}/search`);

  report.misbehave(fault.hang());
  const arrived = report.hits;
  const first = ask(`${origin}/report`);
  while (report.hits === arrived) await sleep(5);
  answers['the only slot is taken'] = await ask(`${origin}/report`);
  answers['the upstream hangs'] = await first;
  report.recover();
  return answers;
}

async function main(): Promise<void> {
  const found = json((id) => ({ id }));
  await using upstream = await FlakyServer.start({ '/profile/': found, '/search/': found, '/report/': found });
  const told: Record<string, Record<string, string>> = {};
  for (const [name, start] of Object.entries(frameworks)) {
    const site = await start(operations(name, upstream));
    try {
      told[name] = await story(site.origin, upstream);
    } finally {
      await site.close();
    }
  }

  console.log(`${''.padEnd(28)}${Object.keys(told).map((name) => name.padEnd(46)).join('')}`);
  for (const situation of Object.keys(told.Express ?? {})) {
    console.log(`${situation.padEnd(28)}${Object.values(told).map((answers) => answers[situation]?.padEnd(46)).join('')}`);
  }
  for (const answers of Object.values(told)) {
    assert.deepEqual(answers, {
      'all is well': '200',
      'the upstream fails': '500',
      'its circuit is open': '503, again in 30 s: BREAKER_OPEN',
      'the rate limit is reached': '429, again in 3600 s: BREAKER_RATE_LIMITED',
      'the only slot is taken': '503: BREAKER_BULKHEAD_FULL',
      'the upstream hangs': '504: BREAKER_TIMEOUT',
    });
  }
}

void main();
