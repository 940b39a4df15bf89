// Two decorated methods of one service, two breakers: `download` fails until its circuit opens, while `storagePath`,
// called in between, goes on. Its successes do not reset the failures of `download`: the two never share a counter.

import assert from 'node:assert/strict';
import { CircuitBreaker, CircuitOpenError, Retry, registry } from 'breaker-box';
import { files, json } from './support/content';
import { verifiedBody } from './support/digest';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { get, reasonOf } from './support/http';
import { untilProbe } from './support/until-probe';

class VideoService {
  constructor(private readonly server: string) {}

  // The retry is written above, so it is outside: every attempt is an outcome the breaker counts.
  @Retry({ maxAttempts: 2, baseDelay: '50ms' })
  @CircuitBreaker({ failureThreshold: 6, recoveryTimeout: '1s' })
  async download(id: string): Promise<Buffer> {
    return verifiedBody(await get(`${this.server}/videos/${id}`));
  }

  @CircuitBreaker
  async storagePath(id: string): Promise<string> {
    const { path } = (await (await get(`${this.server}/storage/${id}`)).json()) as { path: string };
    return path;
  }
}

const inWords = (error: unknown): string => (error instanceof CircuitOpenError ? error.userMessage : reasonOf(error));

async function main(): Promise<void> {
  await using server = await FlakyServer.start({
    '/videos/': files(2_000_000),
    '/storage/': json((id) => ({ path: `/srv/videos/${id}.mp4` })),
  });
  const videos = server.route('/videos/');
  const service = new VideoService(server.origin);

  console.log('The video server answers 503; storage is well.');
  videos.misbehave(fault.status(503));
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const path = await service.storagePath(id);
    const outcome = await service.download(id).then(() => 'downloaded', inWords);
    console.log(`  ${id}: path ${path}; download: ${outcome}`);
  }

  const download = registry.get('VideoService.download');
  const storagePath = registry.get('VideoService.storagePath');
  assert(download && storagePath);
  console.log(`download is ${download.state} after ${download.failureCount} failures, storagePath is ${storagePath.state}`);
  assert.equal(download.state, 'open');
  assert.equal(storagePath.state, 'closed');
  assert.equal(storagePath.stats.successes, 5);
  // Three calls of two attempts each; the last two calls never left the process.
  assert.equal(videos.hits, 6);
  await assert.rejects(service.download('f'), CircuitOpenError);

  console.log('The video server recovers.');
  videos.recover();
  await untilProbe(download);
  const video = await service.download('a');
  console.log(`  a: downloaded ${video.length} bytes, checksum verified; download is ${download.state}`);
  assert.equal(video.length, 2_000_000);
  assert.equal(download.state, 'closed');
}

void main();
