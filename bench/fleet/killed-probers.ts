import { setTimeout as sleep } from 'node:timers/promises';
import { unitOf } from '../figures';
import { median } from '../statistics';
import { Dependency, type Request } from './dependency';
import { judgeEach, lossOf, type Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';

const PROCESSES = 8;
const LEASE_MS = 3000;
/** So that some are killed before the first renewal of their lease, and some after. */
const PROBE_MS = 2000;
const LATEST_MS = 1500;
const OPEN_MS = 50;

/** When the next probe comes after a prober was killed: not before its lease has ended, and soon after. */
export async function killedProbers(redisUrl: string, client: Connection, rounds: number): Promise<Finding> {
  const probes = new Requests();
  await using dependency = await Dependency.start((request) => probes.came(request));
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, {
    prefix: 'killed-probers',
    operations: [OPERATION],
    dependencyUrl: dependency.url,
    breaker: { failureThreshold: 1, recoveryTimeout: OPEN_MS, halfOpen: { probeTimeout: '1m' } },
    share: { quorum: { min: 1, ratio: 0 }, probes: 1, commandTimeout: '1s', lease: LEASE_MS },
  });
  await fleet.open();
  const callAll = { kind: 'keep calling', operations: [OPERATION], intervalMs: 10 } as const;
  await fleet.orderAll(callAll);

  /** From the end of the lease to the next probe. */
  const afterLeaseMs: number[] = [];
  const afterKillMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { pid } = await probes.next();
    await sleep(Math.random() * PROBE_MS);
    const killedAtWallMs = Date.now();
    await fleet.crash(fleet.processes.find((process) => process.pid === pid)!);
    const endsAtWallMs = await endOfLease(fleet);
    const next = await probes.next();
    afterLeaseMs.push(next.arrivedAtWallMs - endsAtWallMs);
    afterKillMs.push(next.arrivedAtWallMs - killedAtWallMs);
    const another = await fleet.add();
    // A process that has just started calls the dependency until it knows of the outage: that is no probe.
    while (another.state === 'closed') await sleep(5);
    await another.order(callAll);
    next.answer(503);
  }
  const [earliest, latest] = [Math.min(...afterLeaseMs), Math.max(...afterLeaseMs)];
  return {
    verdicts: [
      judgeEach('Prober killed: next probe not before its lease has ended', afterLeaseMs.filter((ms) => ms >= 0).length, rounds),
      judgeEach(`Prober killed: next probe at most ${LATEST_MS / 1000} s after its lease`, afterLeaseMs.filter((ms) => ms <= LATEST_MS).length, rounds),
    ],
    details:
      `After a prober was killed, the next probe came ${unitOf(earliest, 'ms')} to ${unitOf(latest, 'ms')} (median ${unitOf(median(afterLeaseMs), 'ms')}) after the end of its lease of ${LEASE_MS} ms, ` +
      `which is ${unitOf(Math.min(...afterKillMs), 'ms')} to ${unitOf(Math.max(...afterKillMs), 'ms')} after it was killed. ${lossOf(fleet)}`,
  };
}

/** Read of the record itself: when its one lease ends, by the clock of the redis-server. */
async function endOfLease(fleet: Fleet): Promise<number> {
  const { leases = [] } = (await fleet.record()) ?? {};
  if (leases.length !== 1) throw new Error(`${leases.length} leases, and not that of the prober alone`);
  return leases[0]!.at;
}

/** Requests, one after the other, for who waits for them. */
class Requests {
  readonly #come: Request[] = [];
  #wanted: ((request: Request) => void) | undefined;

  came(request: Request): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted === undefined) this.#come.push(request);
    else wanted(request);
  }

  async next(): Promise<Request> {
    return this.#come.shift() ?? new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }
}
