import { BreakerRegistry, breakerOf, type Breaker } from 'breaker-box';
import { seededRandom } from '../../../lib/core/random';
import { Timeline } from './timeline';
import { Votes, type Quorum } from './votes';

/** Those of the library, of which a quorum is to be the default. */
const OPEN_MS = 60_000;
const HEARTBEAT_MS = 2000;

/** A call, well or not; and from a vote until the others know. */
const LATENCY_MS = 50;
const STORE_MS = 5;

/** Pods know of each other's calls by then. */
const WARM_UP_MS = 3 * OPEN_MS;

export interface Scenario {
  readonly seed: number;
  readonly pods: number;
  /** Calls per second of all pods together. */
  readonly callsPerSecond: number;
  /** The n-th pod has 1 / n^skew of the traffic of the first: 0 for the same everywhere, 1 for Zipf's law. */
  readonly skew: number;
  /** Share of calls that fail while all is well. */
  readonly errorRate: number;
  /** From the end of the warm-up on. */
  readonly lastsMs: number;
  /** Pods whose calls fail all that time, by rank of traffic, 0 for the busiest; 'all': an outage. */
  readonly failing: 'all' | readonly number[];
}

export interface Result {
  /** Calls that failed from the end of the warm-up on. */
  readonly failed: number;
  readonly calls: number;
  /** Rejected calls of pods for which the dependency was well. */
  readonly rejectedWell: number;
  /** How often the fleet opened. */
  readonly openings: number;
  /** From the end of the warm-up until the fleet opened. */
  readonly openedAfterMs: number;
}

/** One fleet and one dependency, in virtual time: real breakers, one registry each; a model of the votes. @param quorum - Undefined: local breakers. */
export function simulate(scenario: Scenario, quorum: Quorum | undefined): Result {
  const { pods, callsPerSecond, skew, errorRate, lastsMs, failing } = scenario;
  const timeline = new Timeline();
  const votes = quorum && new Votes(quorum);
  const isFailing = (pod: number): boolean => timeline.now() >= WARM_UP_MS && (failing === 'all' || failing.includes(pod));
  const listed = new Set<number>();
  const breakers: Breaker[] = [];
  let failed = 0;
  let calls = 0;
  let rejectedWell = 0;
  let openedAfterMs = Infinity;

  const total = Array.from({ length: pods }, (_, pod) => (pod + 1) ** -skew).reduce((sum, share) => sum + share, 0);
  for (let pod = 0; pod < pods; pod++) {
    // Each pod has its own, so that calls come at the same times whatever the quorum is.
    const random = seededRandom(scenario.seed * 1000 + pod);
    const breaker = breakerOf('dependency', {}, new BreakerRegistry({ clock: timeline, random }));
    breakers.push(breaker);
    let outcomeAtMs = -Infinity;
    const meanMs = (1000 * total * (pod + 1) ** skew) / callsPerSecond;

    const heartbeat = (): void => {
      if (timeline.now() - outcomeAtMs <= OPEN_MS) listed.add(pod);
      else listed.delete(pod);
      timeline.after(HEARTBEAT_MS, heartbeat);
    };
    const vote = (): void => {
      votes?.vote(pod, listed, timeline.now(), OPEN_MS);
      if (votes?.isOpen === true) openedAfterMs = Math.min(openedAfterMs, timeline.now() - WARM_UP_MS);
    };
    /** Calls the dependency. */
    const attempt = (fails: boolean, settle: (fails: boolean) => void): void => {
      timeline.after(LATENCY_MS, () => {
        outcomeAtMs = timeline.now();
        if (fails && timeline.now() >= WARM_UP_MS) failed++;
        settle(fails);
      });
    };
    const call = (): void => {
      timeline.after(-Math.log(1 - random()) * meanMs, call);
      const isUnlucky = random() < errorRate;
      const fails = isFailing(pod) || isUnlucky;
      if (timeline.now() >= WARM_UP_MS) calls++;
      if (votes?.isOpen === true) {
        if (votes.probe(timeline.now())) attempt(fails, probed);
        else if (!isFailing(pod)) rejectedWell++;
        return;
      }
      const permit = breaker.tryAcquire();
      if (permit === undefined) {
        if (!isFailing(pod)) rejectedWell++;
        return;
      }
      attempt(fails, (didFail) => {
        if (didFail) permit.failure(new Error('down'));
        else permit.success(undefined);
      });
    };
    const probed = (didFail: boolean): void => {
      votes?.probed(!didFail, timeline.now(), OPEN_MS);
      if (!didFail) for (const each of breakers) each.reset();
    };
    breaker.on('transition', ({ to }) => {
      if (to === 'open') timeline.after(STORE_MS, vote);
    });
    timeline.after(random() * HEARTBEAT_MS, heartbeat);
    call();
  }
  timeline.runUntil(WARM_UP_MS + lastsMs);
  return { failed, calls, rejectedWell, openings: votes?.openings ?? 0, openedAfterMs };
}
