// An async generator is protected like any other method: the breaker's permit is taken at the first `next()`, the
// outcome is decided at the end. Retry restarts a stream only before its first item: after that, the consumer has
// already seen (written, hashed, sent on) data, and a second start would repeat it.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { CircuitBreaker, Retry, registry } from 'breaker-box';
import { files, sampleBytes } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get, reasonOf } from './support/http';
import { firstCalls } from './support/schedule';

const SIZE = 8_000_000;

class Archive {
  constructor(private readonly server: string) {}

  @Retry({ maxAttempts: 4, baseDelay: '50ms' })
  @CircuitBreaker({ failureThreshold: 5 })
  async *read(name: string): AsyncGenerator<Uint8Array, void, undefined> {
    const response = await get(`${this.server}/archive/${name}`);
    if (!response.body) throw new Error('an empty answer');
    yield* response.body;
  }
}

interface Received {
  readonly bytes: number;
  readonly sha256: string;
  readonly error?: unknown;
}

/** Consumes the stream chunk by chunk; the file is never in memory as a whole. */
async function receive(stream: AsyncIterable<Uint8Array>): Promise<Received> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    return { bytes, sha256: hash.digest('hex'), error };
  }
}

async function main(): Promise<void> {
  await using server = await FlakyServer.start({ '/archive/': files(SIZE) });
  const route = server.route('/archive/');
  const archive = new Archive(server.origin);
  const stats = () => registry.get('Archive.read')?.stats;

  console.log('Two failures before the first byte: retried, the consumer sees one clean stream.');
  route.misbehave(firstCalls(2, fault.status(503)));
  const whole = await receive(archive.read('talk.mp4'));
  console.log(`  ${whole.bytes} bytes after ${route.hits} requests, sha256 ${whole.sha256.slice(0, 16)}...`);
  assert.equal(whole.error, undefined);
  assert.equal(whole.sha256, createHash('sha256').update(sampleBytes('talk.mp4', SIZE)).digest('hex'));
  assert.equal(route.hits, 3);
  assert.equal(stats()?.failures, 2);

  console.log('The connection breaks in the middle: the error reaches the consumer, nothing is sent twice.');
  route.misbehave(fault.cut(SIZE / 2));
  const part = await receive(archive.read('talk.mp4'));
  console.log(`  ${part.bytes} bytes, then: ${reasonOf(part.error)}`);
  assert(part.error instanceof Error);
  assert(part.bytes > 0 && part.bytes <= SIZE / 2);
  assert.equal(route.hits, 4);
  assert.equal(stats()?.failures, 3);

  console.log('A consumer that has seen enough may leave early: a success, and the connection is released.');
  route.recover();
  for await (const chunk of archive.read('talk.mp4')) {
    console.log(`  the first ${chunk.length} bytes will do`);
    break;
  }
  assert.equal(stats()?.successes, 2);
  assert.equal(registry.get('Archive.read')?.state, 'closed');
}

void main();
