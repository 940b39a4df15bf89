import { setTimeout as sleep } from 'node:timers/promises';
import { Dependency } from './dependency';
import { judgeEach, lossOf, type Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';
import { byRound } from './rounds';

const PROCESSES = 8;
const OPEN_MS = 40;
/** How long the dependency takes at most, so that a second probe has the time to come while the first one runs. */
const WORK_MS = 10;

/** How many probes there are in each half-open round, of all processes together, which all wait for it. */
export async function halfOpenRounds(redisUrl: string, client: Connection, atLeast: number): Promise<Finding> {
  await using dependency = await Dependency.start((request) => {
    setTimeout(() => request.answer(503), Math.random() * WORK_MS);
  });
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, {
    prefix: 'half-open-rounds',
    operations: [OPERATION],
    dependencyUrl: dependency.url,
    breaker: { failureThreshold: 1, recoveryTimeout: OPEN_MS, halfOpen: { probeTimeout: '10s' } },
    share: { quorum: { min: 1, ratio: 0 }, probes: 1, commandTimeout: '1s', lease: '3s' },
  });
  await fleet.open();
  await fleet.orderAll({ kind: 'keep calling', operations: [OPERATION], intervalMs: 5 });
  while (dependency.log.length < atLeast) await sleep(OPEN_MS);
  await fleet.orderAll({ kind: 'stop calling' });
  await atRest(fleet, dependency);

  const rounds = byRound(dependency.log, OPEN_MS);
  const { reopenings = 0 } = (await fleet.record()) ?? {};
  return {
    verdicts: [
      judgeEach(`Half-open rounds of ${PROCESSES} processes with exactly one probe, by the dependency's log`, rounds.filter((probes) => probes.length === 1).length, rounds.length),
      judgeEach('Rounds that the store has counted', reopenings, rounds.length),
    ],
    details: `Probes came from ${new Set(dependency.log.map(({ pid }) => pid)).size} processes, at most ${Math.max(...rounds.map(({ length }) => length))} in a round. ${lossOf(fleet)}`,
  };
}

/** When each probe was answered, and the store was told. */
async function atRest(fleet: Fleet, { log }: Dependency): Promise<void> {
  while (log.some(({ answeredAtMs }) => answeredAtMs === Infinity) || (await fleet.record())?.state === 'half_open') await sleep(OPEN_MS);
}
