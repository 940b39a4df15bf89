import '../../../support/real-work';
import { createClient } from 'redis';
import { channelOf, keyOf } from '../../../../lib/fleet/redis/keys';
import { seededRandom } from '../../../../lib/core/random';
import { machineMs, pass } from '../../../support/machine-time';
import { describeWithRedis, RedisServer, until } from '../../../support/redis-server';
import { TcpProxy } from '../../../support/tcp-proxy';
import { itWithEveryClient } from './support/every-client';
import { expectNoneAlone, expectOneProbeAtOnce, expectQuiet, expectServed, expectTold, expectUnharmed } from './support/expectations';
import { ForkedFleet, type Opening } from './support/forked-fleet';
import { programOf } from '../../../support/programs';
import { leaseFor, OPERATION, TIMES } from './support/share-options';
import type { Running } from './support/running';
import { printSummary, summarize } from './support/summary';

const PREFIX = 'breaker-box';
const RECORD = keyOf(PREFIX, OPERATION);
const CHANNEL = channelOf(PREFIX);

/** Long, for none of this is an outage, and a machine with much else to do must not make it one. */
const COMMAND_TIMEOUT = 1000;
const LEASE = leaseFor(COMMAND_TIMEOUT);

/** Does it again and again while something else goes on. */
async function during<T>(work: Promise<T>, again: () => Promise<unknown>, gapMs: () => number): Promise<T> {
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  const repeat = async (): Promise<void> => {
    while (!isOver) {
      await pass(gapMs());
      if (!isOver) await again();
    }
  };
  const [value] = await Promise.all([done, repeat()]);
  return value;
}

/** A way to the store besides those of the members. */
async function connected(running: Running, { url }: RedisServer) {
  const client = createClient({ url });
  await client.connect();
  await running.start(Promise.resolve({ stop: async () => client.destroy() }));
  return client;
}

// By chance: of those used least, the record never is one while four processes ask for it.
const EVICTING = ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-random', '--maxmemory-eviction-tenacity', '100'];

/** As much as there is room for. */
const MANY = `for i = 1, 3000 do redis.call('SET', 'other:' .. ARGV[1] .. ':' .. i, string.rep('x', 1000)) end`;

/** So many other keys that the store has no room for the record. */
class Crowd {
  #written = 0;

  constructor(private readonly client: Awaited<ReturnType<typeof connected>>) {}

  async displace(): Promise<void> {
    for (let tries = 0; tries < 20; tries++) {
      await this.client.eval(MANY, { arguments: [String(this.#written++)] });
      if (await this.client.exists(RECORD) === 0) return;
    }
    throw new Error('the record was not evicted');
  }
}

/** Opens the fleet, and waits until it has closed again. */
async function round(fleet: ForkedFleet): Promise<Opening> {
  const opening = await fleet.trip();
  await fleet.confirm('closed');
  return opening;
}

async function rounds(fleet: ForkedFleet, count: number): Promise<Opening[]> {
  const openings: Opening[] = [];
  while (openings.length < count) openings.push(await round(fleet));
  return openings;
}

/** Round after round, in which the store loses everything three times, whenever that is; and one more. */
async function roundsWithLosses(fleet: ForkedFleet, seed: number, lose: () => Promise<unknown>): Promise<Opening[]> {
  const random = seededRandom(seed);
  let losses = 0;
  const work = async (): Promise<Opening[]> => {
    const openings: Opening[] = [];
    while (losses < 3) openings.push(await round(fleet));
    return openings;
  };
  const loseOnce = async (): Promise<void> => {
    await lose();
    losses++;
  };
  // Mostly further apart than a lease and the time that a write may come late, in which no slot is given after a loss.
  const openings = await during(work(), loseOnce, () => (LEASE + COMMAND_TIMEOUT) * (0.2 + 1.4 * random()));
  return [...openings, await round(fleet)];
}

describeWithRedis('a fleet of four processes goes on in step', () => {
  afterAll(() => {
    printSummary();
  });

  itWithEveryClient('though its store loses everything now and then', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const other = await connected(running, server);
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings = await roundsWithLosses(fleet, 5, () => other.flushAll());

    const report = await fleet.report();
    summarize(`flushed: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
  });

  itWithEveryClient('though its store evicts its record now and then', async (client, running) => {
    const server = await running.start(RedisServer.start(...EVICTING));
    const other = new Crowd(await connected(running, server));
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings = await roundsWithLosses(fleet, 6, () => other.displace());

    const report = await fleet.report();
    summarize(`evicting: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
  });

  itWithEveryClient('after its store has evicted everything all the time', async (client, running) => {
    const server = await running.start(RedisServer.start(...EVICTING));
    const other = new Crowd(await connected(running, server));
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings: Opening[] = [];
    const hold = async (): Promise<number> => {
      openings.push(await fleet.trip());
      // There is no slot to come by, and each goes on by itself.
      await fleet.come('closed');
      const at = machineMs();
      await pass(1000);
      return at;
    };
    const closedAt = await during(hold(), () => other.displace(), () => 50);
    const wellAt = machineMs();
    await fleet.confirm('closed');
    openings.push(await round(fleet));

    const report = await fleet.report();
    summarize(`evicting all the time: ${client}`, report);
    expect(report.log.filter(({ passage, startedAt }) => passage === 'own probe' && startedAt < closedAt).length).toBeGreaterThan(0);
    expect(report.log.filter(({ passage, startedAt }) => passage === 'own probe' && startedAt > wellAt + 2 * LEASE)).toEqual([]);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
  });

  itWithEveryClient('though its store forgets the script', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const other = await connected(running, server);
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings = await during(rounds(fleet, 3), () => other.scriptFlush(), () => 30);

    const report = await fleet.report();
    summarize(`script flushed: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
    expectNoneAlone(report);
  });

  itWithEveryClient('though nobody is told of anything, and is again later', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const other = await connected(running, server);
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings = await during(rounds(fleet, 2), () => other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']), () => 20);
    // By polling they learnt of it before it was over.
    for (const opening of openings) expect(opening.from).toBeLessThan(opening.until);
    await until(async () => (await server.command('PUBSUB', 'NUMSUB', CHANNEL) as unknown[])[1] === fleet.members.length);
    openings.push(await round(fleet));

    const report = await fleet.report();
    summarize(`subscribers killed: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
    expectNoneAlone(report);
  });

  itWithEveryClient('after something else was in the place of its record', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const first = await fleet.trip();
    const spoiltAt = machineMs();
    await server.command('SET', RECORD, 'something else');
    await fleet.hear(`${OPERATION} down`);
    await fleet.come('closed');
    const closedAt = machineMs();
    await pass(1000);
    const mendedAt = machineMs();
    await server.command('DEL', RECORD);
    await fleet.hear(`${OPERATION} down`, `${OPERATION} up`);
    await fleet.confirm('closed');
    const wellAt = machineMs();
    const second = await round(fleet);

    const report = await fleet.report();
    summarize(`wrong type: ${client}`, report);
    expectTold(report, `${OPERATION} down`, `${OPERATION} up`);
    expectUnharmed(report);
    expectQuiet(report, first, second);
    expectServed(report, closedAt, mendedAt);
    expectOneProbeAtOnce(report);
    expectNoneAlone(report, 0, spoiltAt);
    expectNoneAlone(report, wellAt);
  });

  itWithEveryClient('though its store takes longer for an answer than a call may wait for it', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const proxy = await running.start(TcpProxy.start(server.port));
    proxy.delayMs = TIMES.probeWait;
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: proxy.port, commandTimeout: COMMAND_TIMEOUT }));
    const openings = await rounds(fleet, 2);

    const report = await fleet.report();
    summarize(`not too slow: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, ...openings);
    expectOneProbeAtOnce(report);
    expectNoneAlone(report);
  });

  itWithEveryClient('though its processes stand still for longer than a command may take', async (client, running) => {
    const server = await running.start(RedisServer.start());
    const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: server.port, commandTimeout: COMMAND_TIMEOUT }));
    const standStill = async (): Promise<void> => {
      for (const member of fleet.members) member.order({ kind: 'stand still', ms: 500 });
      await pass(700);
    };
    await standStill();
    const first = await fleet.trip();
    await standStill();
    await fleet.confirm('closed');
    const second = await round(fleet);

    const report = await fleet.report();
    summarize(`standing still: ${client}`, report);
    expectTold(report);
    expectUnharmed(report);
    expectQuiet(report, first, second);
    expectOneProbeAtOnce(report);
    expectNoneAlone(report);
  });
});
