import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMarkdown } from '../../scripts/support/markdown';
import { root } from '../../scripts/support/process';
import { describeWithRedis, RedisServer } from '../support/redis-server';
import { reportOf } from './support/program';

/** At most so many jobs are in the worker's hands when a circuit opens, or when a probe has its only slot. */
const CONCURRENCY = 4;

describeWithRedis('rule 62: a worker of BullMQ by `ready()`', () => {
  let server: RedisServer;
  let worker: Record<string, any>;

  beforeAll(async () => {
    server = await RedisServer.start();
    ({ worker } = (await reportOf('bullmq.mts', String(server.port))) as { worker: Record<string, any> });
  });

  afterAll(() => server.stop());

  it('does every job, although what it calls was down for a while', () => {
    expect(worker).toMatchObject({ done: 20, lost: [], states: ['open', 'half_open', 'open', 'half_open', 'closed'] });
  });

  it('is paused while the circuit is open, and goes on when it is ready', () => {
    expect(worker).toMatchObject({ wasPaused: true, isPaused: false });
  });

  it('takes no more jobs that are rejected than it has in hand when a circuit opens, or is probed', () => {
    expect(worker.rejected).toBeGreaterThan(0);
    expect(worker.rejected).toBeLessThanOrEqual(CONCURRENCY * worker.states.length);
  });

  it('counts only calls as attempts of a job, no rejections', () => {
    expect(worker.attemptsOfJobs).toBe(worker.calls);
  });

  it('does not wait when its signal says to stop', () => {
    expect(worker.left).toBe('AbortError');
  });

  it('is the one of the documents', () => {
    const program = readFileSync(join(__dirname, 'programs', 'bullmq.mts'), 'utf8');
    const [, region] = /\/\/ #region .*\n([^]*?)\/\/ #endregion/.exec(program)!;
    const shown = readMarkdown(join(root, 'docs', 'queue-workers.md')).blocks.map(({ code }) => code.join('\n'));
    expect(shown.filter((code) => code.includes(region!.trim()))).toHaveLength(1);
  });
});
