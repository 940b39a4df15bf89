import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BreakerRegistry, withPolicies } from '../../lib';

const TIMEOUT_MS = 300;

/** Counts of the server's: requests that have come, that may be answered, that were. */
const counts = new Int32Array(new SharedArrayBuffer(12));
const [CAME, MAY_BE_ANSWERED, ANSWERED] = [0, 1, 2];

/** A dependency in a thread of its own, which answers when it may. */
const server = new Worker(
  `const { createServer } = require('node:http');
   const { parentPort, workerData: counts } = require('node:worker_threads');
   const server = createServer((request, response) => {
     const number = Atomics.add(counts, ${CAME}, 1) + 1;
     const look = setInterval(() => {
       if (Atomics.load(counts, ${MAY_BE_ANSWERED}) < number) return;
       clearInterval(look);
       response.end('it', () => Atomics.store(counts, ${ANSWERED}, number));
     }, 1);
   });
   server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
  { eval: true, workerData: counts },
);
const agent = new Agent({ keepAlive: true });
let port: number;

beforeAll(async () => {
  [port] = (await once(server, 'message')) as [number];
});
afterAll(async () => {
  agent.destroy();
  await server.terminate();
});

async function ask(): Promise<string> {
  const [response] = (await once(get({ port, agent, host: '127.0.0.1' }), 'response')) as [AsyncIterable<Buffer>];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return body;
}

/** Blocks the event loop past the deadline, in the phase that `defer` calls back in. If there is an answer, it comes meanwhile. */
async function stalled(call: () => Promise<string>, defer: (fn: () => void) => unknown, answers = true): Promise<string | undefined> {
  const number = counts[CAME]! + 1;
  const deadlineMs = performance.now() + TIMEOUT_MS;
  const end = call().catch((error: unknown) => (error as { code?: string }).code);
  while (counts[CAME]! < number) await sleep(1);
  defer(() => {
    if (answers) counts[MAY_BE_ANSWERED] = number;
    while (performance.now() < deadlineMs + 50 || (answers && Atomics.load(counts, ANSWERED) < number));
  });
  const outcome = await end;
  counts[MAY_BE_ANSWERED] = number;
  return outcome;
}

describe('rule 38: a stall of the event loop is no timeout: answers that wait in the sockets are read first', () => {
  const phases: [string, (fn: () => void) => unknown][] = [
    ['setImmediate', setImmediate],
    ['setTimeout', (fn) => setTimeout(fn, 1)],
    ['nextTick', process.nextTick],
    ['a promise reaction', queueMicrotask],
  ];
  const timed = (fn: () => Promise<string>, timeout: number) => withPolicies(fn, { registry: new BreakerRegistry(), timeout });

  it.each(phases)('where it stalled in %s', async (_phase, defer) => {
    const call = timed(ask, TIMEOUT_MS);
    for (let round = 0; round < 3; round++) expect(await stalled(call, defer)).toBe('it');
  });

  it.each(phases)('where it stalled in %s, and the deadline of a call around it is what has passed', async (_phase, defer) => {
    const inner = timed(ask, 60_000);
    expect(await stalled(timed(() => inner(), TIMEOUT_MS), defer)).toBe('it');
  });

  it.each(phases)('and what hangs has its timeout: %s', async (_phase, defer) => {
    expect(await stalled(timed(ask, TIMEOUT_MS), defer, false)).toBe('BREAKER_TIMEOUT');
  });
});
