import { setTimeout as sleep } from 'node:timers/promises';
import { unitOf } from '../figures';
import { quantile } from '../statistics';
import { judgeEach, judgeMs, lossOf, type Finding } from './finding';
import { Fleet, OPERATION, type Connection } from './fleet';

const PROCESSES = 8;
/** Between two trips: a record is not read more than once in 50 ms, and no outage begins right after the last one. */
const PAUSE_MS = 100;

/** How long after one process has opened the circuit the others reject. */
export async function trips(redisUrl: string, client: Connection, rounds: number): Promise<Finding> {
  await using fleet = await Fleet.start(redisUrl, client, PROCESSES, {
    prefix: 'trips',
    operations: [OPERATION],
    breaker: { failureThreshold: 1, recoveryTimeout: '1h' },
    share: { quorum: { min: 1, ratio: 0 } },
  });
  await fleet.orderAll({ kind: 'keep calling', operations: [OPERATION], intervalMs: 20 });
  const latenciesMs: number[] = [];
  let rejections = 0;
  for (let round = 0; round < rounds; round++) {
    await sleep(PAUSE_MS);
    const transitions = await tripOnce(fleet, round % PROCESSES);
    const [tripped, ...others] = transitions.map(({ atMs }) => atMs).sort((a, b) => a - b);
    latenciesMs.push(...others.map((atMs) => atMs - tripped!));
    rejections += transitions.filter(({ rejects }) => rejects).length;
  }
  return {
    verdicts: [
      judgeMs(`Trip in one of ${PROCESSES} processes to rejection in the others, p50`, quantile(latenciesMs, 0.5), 5),
      judgeMs('The same, p99', quantile(latenciesMs, 0.99), 50),
      judgeEach('Processes that rejected the first call after it', rejections, rounds * PROCESSES),
    ],
    details: `Of ${rounds} trips, the slowest of all others rejected after ${unitOf(Math.max(...latenciesMs), 'ms')}. ${lossOf(fleet)}`,
  };
}

/** Opens the circuit by a failure in one process, and closes it in all, as an operator does. */
async function tripOnce(fleet: Fleet, tripper: number) {
  const opened = fleet.allTurned('open');
  await fleet.processes[tripper]!.order({ kind: 'fail', operation: OPERATION });
  const transitions = await opened;
  const closed = fleet.allTurned('closed');
  await fleet.reset();
  await closed;
  return transitions;
}
