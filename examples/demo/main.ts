// A downloader of many files, and a flaky HTTP server that fails it in different ways at different times. Watch each
// operation's circuit open, fail fast, probe and close, while the other operations go on.

import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { registry } from 'breaker-box';
import { Downloader } from './downloader';
import { type Frame, rowsOf } from './frame';
import { DownloadJob } from './job';
import { Journal } from './journal';
import { FILES_PER_PAGE, PAGES, announceOutages, startDemoServer } from './server';
import { summary } from './summary';
import { openView } from './view';

/** On a machine so slow that the job is not done by then, the demo still ends, and says what is left. */
const DEADLINE_MS = 18_000;

async function main(): Promise<void> {
  endEarly();
  const directory = await mkdtemp(join(tmpdir(), 'breaker-box-demo-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

  await using server = await startDemoServer();
  const downloader = new Downloader(server.origin, directory);
  const job = new DownloadJob(downloader, PAGES * FILES_PER_PAGE, AbortSignal.timeout(DEADLINE_MS));

  const journal = new Journal((entry) => view.tell(entry));
  const { entries } = journal;
  const frame = (): Frame => ({
    source: server.origin, elapsedMs: journal.elapsedMs, rows: rowsOf(registry), progress: job.progress, entries,
  });
  const view = openView(frame);
  journal.follow(registry);
  announceOutages((news) => journal.add('server', news));

  await job.run(PAGES);
  view.close();
  // A file has no width, and some pseudo-terminals report 0.
  const width = process.stdout.columns || Infinity;
  console.log(['', ...summary(rowsOf(registry), job.progress, journal.elapsedMs, width)].join('\n'));
  console.log(`\nThe server counted ${server.hits} requests.`);
}

/** Through `exit`, so that the terminal and the temporary directory are cleaned up on Ctrl-C, too. */
function endEarly(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  // A reader that has seen enough, such as `head`, closes the pipe.
  process.stdout.once('error', () => process.exit());
}

void main();
