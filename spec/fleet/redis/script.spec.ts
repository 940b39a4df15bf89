import fc from 'fast-check';
import { createClient } from 'redis';
import { readAnswer, written } from '../../../lib/fleet/redis/answer';
import { channelOf, keysOf } from '../../../lib/fleet/redis/keys';
import { SCRIPT } from '../../../lib/fleet/redis/script';
import type { Record } from '../../../lib/fleet/record';
import { reduce } from '../../../lib/fleet/reduce';
import type { Answer, Command } from '../../../lib/fleet/shared-store';
import { histories, Senders, timeOf, type Step } from '../random-commands';
import { describeWithRedis, RedisServer, until } from '../../support/redis-server';
import '../../support/real-work';
import { storedRecord } from './support/stored-record';

const PREFIX = 'spec';

describeWithRedis('the script', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  let subscriber: ReturnType<typeof createClient>;
  let told: unknown[];
  let sha: string;
  let breakers = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
    client = createClient({ url: server.url });
    subscriber = createClient({ url: server.url });
    await Promise.all([client.connect(), subscriber.connect()]);
    sha = await client.scriptLoad(SCRIPT);
    await subscriber.subscribe(channelOf(PREFIX), (message) => told.push(JSON.parse(message)));
  });
  beforeEach(() => {
    told = [];
  });
  afterAll(async () => {
    client.destroy();
    subscriber.destroy();
    await server.stop();
  });

  async function evaluated(breaker: string, command: Command, micros: number, run: string): Promise<Answer> {
    const args = [written(command), channelOf(PREFIX), breaker, String(micros), run];
    return readAnswer(await client.evalSha(sha, { keys: [...keysOf(PREFIX, breaker)], arguments: args }));
  }

  /** Compares the two machines after every step. Later than now, always, so that the server does not end a key before its time. */
  async function follow(history: readonly Step[], seenOutcomes: Set<string>): Promise<void> {
    const breaker = `b${breakers++}`;
    const senders = new Senders();
    const expectedChanges: unknown[] = [];
    told = [];
    let record: Record | undefined;
    let micros = Date.now() * 1000 + 60_000_000;
    for (const step of history) {
      micros = timeOf(step, record, micros);
      if (step.isAfterLoss) {
        await client.del([...keysOf(PREFIX, breaker)]);
        record = undefined;
      }
      const command = senders.command(step, Math.floor(micros / 1000));
      const expected = reduce(record, command, micros, step.server);
      record = expected.record;
      expect(await evaluated(breaker, command, micros, step.server)).toEqual(expected.answer);
      expect(await storedRecord(client, PREFIX, breaker)).toEqual(record);
      if (expected.told) expectedChanges.push({ v: 1, breaker, epoch: record.epoch, ...(expected.told === 'override' && { override: true }) });
      senders.answered(step, expected.answer);
      seenOutcomes.add(`${command.kind} ${expected.answer.done ? 'done' : 'not done'}, ${record.state}${expected.answer.restored ? ', restored' : ''}`);
    }
    await until(() => told.length >= expectedChanges.length);
    expect(told).toEqual(expectedChanges);
  }

  it('answers, keeps and tells what the reducer does, whatever processes do', async () => {
    const outcomes = new Set<string>();
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        steps += history.length;
        await follow(history, outcomes);
      }),
      { numRuns: 250 }, // all of them everywhere: fewer do not go everywhere
    );
    expect(steps).toBeGreaterThan(5000);
    // The histories go everywhere.
    for (const outcome of REACHED) expect(outcomes).toContain(outcome);
  });
});

const REACHED = [
  'get done, closed', 'get done, open', 'get done, half_open', 'get done, open, restored', 'get done, closed, restored',
  'vote done, closed', 'vote done, open', 'vote not done, closed', 'vote not done, open',
  'report done, closed', 'report done, open', 'report not done, closed',
  'acquire done, half_open', 'acquire not done, half_open', 'acquire not done, open', 'acquire not done, closed',
  'renew done, half_open', 'renew not done, open', 'release done, half_open', 'release not done, half_open',
  'result done, half_open', 'result done, open', 'result done, closed', 'result not done, closed',
  'force done, closed', 'force done, open', 'force not done, open',
];
