// The error-recovery manager: a downloader that hands every operation to one manager, with a handler that repairs what
// it knows how to repair (an expired token), and a report on disk for every call that was given up.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CircuitOpenError } from 'breaker-box';
import {
  BasicErrorReporter, CircuitBreakerStrategy, ErrorRecoveryManager, type ErrorContext, type ErrorReport, type ServiceErrorHandler,
} from 'breaker-box/recovery';
import { files, json } from './support/content';
import { verifiedBody } from './support/digest';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { HttpError, get } from './support/http';
import { firstCalls } from './support/schedule';

const strategy = new CircuitBreakerStrategy({ maxAttempts: 4, failureThreshold: 3, baseDelay: '20ms' });

/** Knows one remedy: a 401 means that the token has expired, and a new one can be had. */
class TokenHandler implements ServiceErrorHandler {
  token = 'expired';

  async handleError(error: unknown, context: ErrorContext): Promise<boolean> {
    if (!(error instanceof HttpError && error.status === 401)) return false;
    this.token = `fresh for ${context.operationName}`;
    return true;
  }

  async getRecoverySuggestions(error: unknown): Promise<string[]> {
    return error instanceof HttpError && error.status >= 500 ? ['wait for the service to recover'] : [];
  }
}

class Downloader {
  constructor(
    private readonly server: string,
    private readonly directory: string,
    private readonly manager: ErrorRecoveryManager,
    private readonly handler: TokenHandler,
  ) {}

  download(id: string): Promise<string> {
    return this.manager.executeWithRetry(() => this.#save(id), { operationName: 'download', jobId: id });
  }

  title(id: string): Promise<string> {
    const read = async () => (await get(`${this.server}/titles/${id}`)).text();
    return this.manager.executeWithRetry(read, { operationName: 'title', jobId: id });
  }

  async #save(id: string): Promise<string> {
    const headers = { authorization: this.handler.token };
    const path = join(this.directory, `${id}.mp4`);
    await writeFile(path, await verifiedBody(await get(`${this.server}/videos/${id}`, { headers })));
    return path;
  }
}

async function run(directory: string): Promise<void> {
  await using server = await FlakyServer.start({ '/videos/': files(500_000), '/titles/': json((id) => `Film ${id}`) });
  const videos = server.route('/videos/');
  const reports = join(directory, 'reports');
  const handler = new TokenHandler();
  const errorReporter = new BasicErrorReporter({ directory: reports });
  const manager = new ErrorRecoveryManager({ retryStrategy: strategy, errorReporter, serviceHandler: handler });
  const downloader = new Downloader(server.origin, directory, manager, handler);

  console.log('The token has expired: the handler gets a new one, and the call goes on at once.');
  videos.misbehave(firstCalls(1, fault.status(401)));
  const path = await downloader.download('one');
  console.log(`  saved ${(await readFile(path)).length} bytes`);
  assert.equal(handler.token, 'fresh for download');

  console.log('The video service goes down; titles are well, and the same manager serves both.');
  videos.misbehave(fault.status(503));
  await assert.rejects(downloader.download('two'), HttpError);
  console.log(`  title: ${await downloader.title('two')}`);
  await assert.rejects(downloader.download('three'), CircuitOpenError);
  console.log(`  download is ${strategy.stateOf('download')}, title is ${strategy.stateOf('title')}`);
  assert.equal(videos.hits, 2 + 3);
  assert.deepEqual([strategy.stateOf('download'), strategy.stateOf('title')], ['open', 'closed']);

  // The call that was given up is reported; the one that was rejected at once is not: nothing new was learnt.
  const written = await readdir(reports);
  assert.equal(written.length, 1);
  const report: ErrorReport = JSON.parse(await readFile(join(reports, written[0] ?? ''), 'utf8'));
  console.log(`  on disk: ${report.severity} ${report.reason} in ${report.operationName} ${report.context.jobId}: ${report.error.message}`);
  console.log(`  suggested: ${report.context.recoverySuggestions}`);
  assert.equal(report.context.jobId, 'two');
  assert.equal((await errorReporter.getErrorSummary(1)).bySeverity.high, 1);
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'downloads-'));
  await run(directory).finally(() => rm(directory, { recursive: true }));
}

void main();
