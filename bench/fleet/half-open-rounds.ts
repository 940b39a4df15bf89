import { setTimeout as sleep } from 'node:timers/promises';
import { Dependency, type Request } from './dependency';
import { judgeEach, lossOf, type Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';

const PROCESSES = 8;
const OPEN_MS = 40;
/** How long the dependency takes at most, so that a second probe has the time to come while the first one runs. */
const WORK_MS = 10;
/** The store's clock has whole milliseconds. */
const ROUNDING_MS = 1;

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

  const rounds = byRound(dependency.log);
  const { reopenings } = await fleet.act({ kind: 'get' });
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
  while (log.some(({ answeredAtMs }) => answeredAtMs === Infinity) || (await fleet.act({ kind: 'get' })).state === 'half_open') await sleep(OPEN_MS);
}

/** A round is over when its probe is answered, and the next one cannot begin before the circuit was open for its time. */
function byRound(log: readonly Request[]): Request[][] {
  const rounds: Request[][] = [];
  let nextFromMs = -Infinity;
  for (const request of log) {
    if (request.arrivedAtMs >= nextFromMs) rounds.push([]);
    rounds.at(-1)!.push(request);
    nextFromMs = Math.max(nextFromMs, request.answeredAtMs + OPEN_MS - ROUNDING_MS);
  }
  return rounds;
}
