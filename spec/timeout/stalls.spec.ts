import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BreakerRegistry, withPolicies, type PolicyOptions } from '../../lib';

const ANSWERS_AFTER_MS = 20;

/** A dependency that is healthy, in a thread of its own. */
const server = new Worker(
  `const { createServer } = require('node:http');
   const { parentPort } = require('node:worker_threads');
   const server = createServer((request, response) => setTimeout(() => response.end('it'.repeat(500)), request.url === '/slow' ? 2000 : ${ANSWERS_AFTER_MS}));
   server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
  { eval: true },
);
const agent = new Agent({ keepAlive: true });
let port: number;

beforeAll(async () => {
  [port] = (await once(server, 'message')) as [number];
  await ask('/'); // The connection is there.
});
afterAll(async () => {
  agent.destroy();
  await server.terminate();
});

async function ask(path: string): Promise<number> {
  const [response] = (await once(get({ port, path, agent, host: '127.0.0.1' }), 'response')) as [AsyncIterable<Buffer>];
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  return bytes;
}

function block(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Blocks the event loop past the deadline, in the phase that `defer` calls back in. */
async function stalled(defer: (fn: () => void) => unknown, path: string, options: PolicyOptions): Promise<unknown> {
  const call = withPolicies(ask, { registry: new BreakerRegistry(), ...options });
  const end = call(path).catch((error: unknown) => (error as { code?: string }).code);
  await sleep(ANSWERS_AFTER_MS / 2); // The request has been sent.
  defer(() => { block(200); });
  return end;
}

describe('rule 38: a stall of the event loop is no timeout: answers that wait in the sockets are read first', () => {
  const phases: [string, (fn: () => void) => unknown][] = [
    ['setImmediate', setImmediate],
    ['setTimeout', (fn) => setTimeout(fn, 1)],
    ['nextTick', process.nextTick],
    ['a promise reaction', queueMicrotask],
  ];

  it.each(phases)('where it stalled in %s', async (_phase, defer) => {
    for (let round = 0; round < 5; round++) expect(await stalled(defer, '/', { timeout: 100 })).toBe(1000);
  });

  it.each(phases)('where it stalled in %s, and a deadline around the call is what has passed', async (_phase, defer) => {
    const call = withPolicies((path: string) => ask(path), { registry: new BreakerRegistry(), name: 'inner', timeout: 5000 });
    const outer = withPolicies((path: string) => call(path), { registry: new BreakerRegistry(), name: 'outer', timeout: 100 });
    const end = outer('/').catch((error: unknown) => error);
    await sleep(ANSWERS_AFTER_MS / 2);
    defer(() => { block(200); });
    expect(await end).toBe(1000);
  });

  it.each(phases)('and what hangs has its timeout: %s', async (_phase, defer) => {
    expect(await stalled(defer, '/slow', { timeout: 100 })).toBe('BREAKER_TIMEOUT');
  });
});
