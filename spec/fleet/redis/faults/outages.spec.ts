import '../../../support/real-work';
import { machineMs, pass } from '../../../support/machine-time';
import { describeWithRedis, RedisServer } from '../../../support/redis-server';
import { TcpProxy } from '../../../support/tcp-proxy';
import { itWithEveryClient } from './support/every-client';
import { expectNoneAlone, expectOneProbeAtOnce, expectQuiet, expectServed, expectTold, expectUnharmed } from './support/expectations';
import { ForkedFleet } from './support/forked-fleet';
import type { ClientKind } from './support/member-messages';
import { programOf } from '../../../support/programs';
import { type Running } from './support/running';
import { printSummary, summarize } from './support/summary';

/** Short, and not so short that a machine with much else to do seems to be an outage. */
const COMMAND_TIMEOUT = 500;

/** A store that goes, and comes back. */
interface Absence {
  /** Where the members find it. */
  readonly port: number;
  begin(): unknown;
  end(): unknown;
}

interface Outage {
  readonly fault: string;
  readonly lastsMs: number;
  prepare(running: Running): Promise<Absence>;
}

const OUTAGES: readonly Outage[] = [
  {
    fault: 'stopped for four seconds',
    lastsMs: 4000,
    async prepare(running) {
      const server = await running.start(RedisServer.start());
      return { port: server.port, begin: () => server.pause(), end: () => server.resume() };
    },
  },
  {
    fault: 'killed, and started again without its data',
    lastsMs: 2000,
    async prepare(running) {
      const server = await running.start(RedisServer.start());
      return { port: server.port, begin: () => server.kill(), end: () => server.restart() };
    },
  },
  {
    fault: 'slow',
    lastsMs: 3000,
    async prepare(running) {
      const server = await running.start(RedisServer.start());
      const proxy = await running.start(TcpProxy.start(server.port));
      const delay = (ms: number): void => {
        proxy.delayMs = ms;
      };
      return { port: proxy.port, begin: () => delay(COMMAND_TIMEOUT), end: () => delay(0) };
    },
  },
  {
    fault: 'failing over to its replica',
    lastsMs: 2000,
    async prepare(running) {
      const server = await running.start(RedisServer.start());
      const replica = await running.start(server.replica());
      const proxy = await running.start(TcpProxy.start(server.port));
      const end = async (): Promise<void> => {
        await replica.command('REPLICAOF', 'NO', 'ONE');
        proxy.leadTo(replica.port);
      };
      return { port: proxy.port, begin: () => server.kill(), end };
    },
  },
  {
    fault: 'read-only, a replica that clients have come to',
    lastsMs: 2000,
    async prepare(running) {
      const server = await running.start(RedisServer.start());
      const replica = await running.start(server.replica());
      const proxy = await running.start(TcpProxy.start(server.port));
      return { port: proxy.port, begin: () => proxy.leadTo(replica.port), end: () => proxy.leadTo(server.port) };
    },
  },
];

/** The fleet has just opened when the store goes, and the dependency is well again. */
async function outlive({ fault, lastsMs, prepare }: Outage, client: ClientKind, running: Running): Promise<void> {
  const { port, begin, end } = await prepare(running);
  const fleet = await running.start(ForkedFleet.start(programOf('fleet-member'), { client, redisPort: port, commandTimeout: COMMAND_TIMEOUT }));
  const first = await fleet.trip();
  const goneAt = machineMs();
  await begin();
  await fleet.hear('down');
  await fleet.come('closed');
  const closedAt = machineMs();
  await pass(goneAt + lastsMs - closedAt);
  const backAt = machineMs();
  await end();
  await fleet.hear('down', 'up');
  await fleet.confirm('closed');
  const wellAt = machineMs();
  const second = await fleet.trip();
  await fleet.confirm('closed');

  const report = await fleet.report();
  summarize(`${fault}: ${client}`, report);
  expectTold(report, 'down', 'up');
  expectUnharmed(report);
  expectQuiet(report, first, second);
  expectServed(report, closedAt, backAt);
  expectOneProbeAtOnce(report);
  expectNoneAlone(report, 0, goneAt);
  expectNoneAlone(report, wellAt);
}

describeWithRedis('a fleet of four processes outlives a store that is', () => {
  afterAll(() => {
    printSummary();
  });

  for (const outage of OUTAGES) {
    itWithEveryClient(outage.fault, (client, running) => outlive(outage, client, running));
  }
});
