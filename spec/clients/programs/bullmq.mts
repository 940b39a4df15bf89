import { setTimeout as passed } from 'node:timers/promises';
import { Queue, WaitingError, Worker } from 'bullmq';
import { CircuitOpenError, registry, withBreaker } from 'breaker-box';

// The worker of `docs/queue-workers.md`, on a real Redis, while what it calls is down for a while.

const JOBS = 20;
const connection = { host: '127.0.0.1', port: Number(process.argv[2]) };
let calls = 0;
let isDown = true;

async function sendMail(to: string): Promise<void> {
  calls++;
  await passed(5);
  if (isDown) throw new Error(`no mail to ${to}: the server is down`);
}

const queue = new Queue('mails', { connection });
await queue.addBulk(Array.from({ length: JOBS }, (_, n) => ({ name: 'send', data: { to: `user ${n}` }, opts: { attempts: 5 } })));

// It comes back after the first probe has found it down.
const states: string[] = [];
registry.on('transition', ({ to, reason }) => {
  states.push(to);
  if (reason === 'probe_failed') isDown = false;
});

// #region docs/queue-workers.md
const send = withBreaker(sendMail, { name: 'mails.send', failureThreshold: 3, recoveryTimeout: '1s' });
const shutdown = new AbortController();

const worker = new Worker(
  'mails',
  async (job, token) => {
    try {
      await send(job.data.to);
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) throw error; // an attempt of the job, as usual
      pauseUntilReady();
      await job.moveToWait(token);                           // back to the queue: no attempt is lost
      throw new WaitingError();
    }
  },
  { connection, concurrency: 4 },
);

let pausing: Promise<void> | undefined;

function pauseUntilReady(): void {
  pausing ??= pause().catch(unlessStopped).finally(() => { pausing = undefined; });
}

async function pause(): Promise<void> {
  await worker.pause(true);                                  // takes no job; does not wait for those that run
  await registry.ready('mails.send', { signal: shutdown.signal });
  await worker.resume();
}

function unlessStopped(error: unknown): void {
  if (!shutdown.signal.aborted) console.error(error);
}
// #endregion

let pauses = 0;
const done: number[] = [];
const lost: string[] = [];
await new Promise<void>((resolve) => {
  const end = (): void => {
    if (done.length + lost.length === JOBS) resolve();
  };
  worker.on('paused', () => pauses++);
  worker.on('completed', (job) => {
    done.push(job.attemptsMade);
    end();
  });
  worker.on('failed', (job, error) => {
    if (job!.attemptsMade < 5) return;
    lost.push(error.message);
    end();
  });
});

const report = {
  done: done.length,
  lost,
  states,
  isPaused: worker.isPaused(),
  wasPaused: pauses > 0,
  attemptsOfJobs: done.reduce((sum, attempts) => sum + attempts, 0),
  calls,
  rejected: registry.get('mails.send')!.stats.rejected,
};
// A worker that is told to stop while it waits does not wait on.
shutdown.abort();
const left = registry.ready('mails.send', { signal: shutdown.signal }).then(() => 'ready', ({ name }: Error) => name);
process.stdout.write(`${JSON.stringify({ worker: { ...report, left: await left } })}\n`, () => process.exit());
