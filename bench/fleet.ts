/**
 * Measures breakers that processes share: starts a redis-server, forks fleets of processes, and prints a report.
 *
 * `--write` puts the report into fleet.md; `--check` fails when a target is missed; `--quick` does a few rounds of each, to see that it works;
 * `--only trips` measures one thing, and can be given more than once.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isInstalled, RedisServer } from '../spec/support/redis-server';
import '../scripts/support/dev';
import { closedCalls } from './fleet/closed-calls';
import { commands } from './fleet/commands';
import { counters } from './fleet/counters';
import type { Finding } from './fleet/finding';
import { connect, type Connection } from './fleet/fleet';
import { halfOpenRounds } from './fleet/half-open-rounds';
import { hostileMessages } from './fleet/hostile-messages';
import { killedProbers } from './fleet/killed-probers';
import { memory } from './fleet/memory';
import { quorum } from './fleet/quorum';
import { refusedRecord } from './fleet/refused-record';
import { fleetReport } from './fleet/report';
import { tenants } from './fleet/tenants';
import { trips } from './fleet/trips';

interface Measurement {
  readonly rounds: number;
  /** To see that it works. */
  readonly few: number;
  run(url: string, client: Connection, rounds: number): Finding | Promise<Finding>;
}

const measurements: Readonly<Record<string, Measurement>> = {
  'closed-calls': { rounds: 60, few: 5, run: (_url, client, rounds) => closedCalls(client, rounds) },
  trips: { rounds: 200, few: 10, run: trips },
  'half-open-rounds': { rounds: 500, few: 20, run: halfOpenRounds },
  'killed-probers': { rounds: 20, few: 2, run: killedProbers },
  commands: { rounds: 30, few: 6, run: commands },
  memory: { rounds: 1, few: 1, run: memory },
  tenants: { rounds: 60, few: 10, run: tenants },
  'refused-record': { rounds: 60, few: 10, run: (_url, client, polls) => refusedRecord(client, polls) },
  counters: { rounds: 10, few: 1, run: (_url, _client, minutes) => counters(minutes) },
  'hostile-messages': { rounds: 20, few: 5, run: hostileMessages },
  quorum: { rounds: 5, few: 1, run: (_url, _client, seeds) => quorum(seeds) },
};

async function measure(names: readonly string[], isQuick: boolean): Promise<{ findings: Finding[]; server: string }> {
  if (!isInstalled) throw new Error('redis-server is not installed (apt-get install redis-server)');
  const redis = await RedisServer.start();
  const client = await connect(redis.url);
  try {
    const findings: Finding[] = [];
    for (const name of names) {
      const { run, rounds, few } = measurements[name]!;
      console.error(`${name} …`);
      findings.push(await run(redis.url, client, isQuick ? few : rounds));
    }
    const [, server = 'unknown'] = /^redis_version:(\S+)/m.exec(await client.info('server')) ?? [];
    return { findings, server };
  } finally {
    client.destroy();
    await redis.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      write: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: Object.keys(measurements) },
    },
  });
  const unknown = values.only.filter((name) => !(name in measurements));
  if (unknown.length > 0) throw new RangeError(`--only takes ${Object.keys(measurements).join(', ')}; not ${unknown.join(', ')}`);
  const { findings, server } = await measure(values.only, values.quick);
  const text = fleetReport(findings, server);
  console.log(text);
  if (values.write) writeFileSync(join(__dirname, 'fleet.md'), `${text}\n`);
  if (values.check && findings.some(({ verdicts }) => verdicts.some(({ failed }) => failed))) process.exitCode = 1;
}

void main();
