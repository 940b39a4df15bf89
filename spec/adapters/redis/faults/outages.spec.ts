import '../../../support/real-work';
import { machineMs, pass } from '../../../support/machine-time';
import { describeWithRedis, RedisServer } from '../../../support/redis-server';
import { TcpProxy } from '../../../support/tcp-proxy';
import { expectOneProbeAtOnce, expectQuiet, expectServed, expectUnharmed } from './support/expectations';
import { ForkedFleet } from './support/forked-fleet';
import type { ClientKind } from './support/member-messages';
import { MemberProgram } from './support/member-program';
import { printSummary, summarize } from './support/summary';

const CLIENTS: readonly ClientKind[] = ['node-redis', 'ioredis'];

interface Outage {
  readonly fault: string;
  readonly client: ClientKind;
  /** Where the members find the store. */
  readonly port: number;
  readonly lastsMs: number;
  begin(): unknown;
  end(): unknown;
}

describeWithRedis('a fleet of four processes outlives a store that is', () => {
  let program: MemberProgram;
  const running: { stop(): Promise<void> }[] = [];

  async function started<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const one = await starting;
    running.unshift(one);
    return one;
  }

  beforeAll(() => {
    program = new MemberProgram();
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.stop();
  });
  afterAll(() => {
    program.remove();
    printSummary();
  });

  /** The fleet has just opened when the store goes, and the dependency is well again. */
  async function outlive({ fault, client, port, lastsMs, begin, end }: Outage): Promise<void> {
    const fleet = await started(ForkedFleet.start(program.path, client, port));
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
    summarize(`${fault}, ${client}`, report);
    expectUnharmed(report);
    expectQuiet(report, first, second);
    expectServed(report, closedAt, backAt);
    expectOneProbeAtOnce(report, wellAt, machineMs());
    expect(fleet.health).toEqual(fleet.members.map(() => ['down', 'up']));
  }

  it.each(CLIENTS)('stopped for four seconds: %s', async (client) => {
    const server = await started(RedisServer.start());
    await outlive({ fault: 'stopped', client, port: server.port, lastsMs: 4000, begin: () => server.pause(), end: () => server.resume() });
  });

  it.each(CLIENTS)('killed, and started again without its data: %s', async (client) => {
    const server = await started(RedisServer.start());
    await outlive({ fault: 'killed', client, port: server.port, lastsMs: 2000, begin: () => server.kill(), end: () => server.restart() });
  });

  it.each(CLIENTS)('slow: %s', async (client) => {
    const server = await started(RedisServer.start());
    const proxy = await started(TcpProxy.start(server.port));
    const delay = (ms: number) => () => {
      proxy.delayMs = ms;
    };
    await outlive({ fault: 'slow', client, port: proxy.port, lastsMs: 3000, begin: delay(400), end: delay(0) });
  });

  it.each(CLIENTS)('failing over to its replica: %s', async (client) => {
    const server = await started(RedisServer.start());
    const replica = await started(server.replica());
    const proxy = await started(TcpProxy.start(server.port));
    await outlive({
      fault: 'failing over',
      client,
      port: proxy.port,
      lastsMs: 2000,
      begin: () => server.kill(),
      async end() {
        await replica.command('REPLICAOF', 'NO', 'ONE');
        proxy.leadTo(replica.port);
      },
    });
  });

  it.each(CLIENTS)('read-only, since the client has come to a replica: %s', async (client) => {
    const server = await started(RedisServer.start());
    const replica = await started(server.replica());
    const proxy = await started(TcpProxy.start(server.port));
    await outlive({
      fault: 'read-only',
      client,
      port: proxy.port,
      lastsMs: 2000,
      begin: () => proxy.leadTo(replica.port),
      end: () => proxy.leadTo(server.port),
    });
  });
});
