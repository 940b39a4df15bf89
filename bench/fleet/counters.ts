import { BreakerRegistry, withBreaker } from 'breaker-box';
import { memoryStore, shareBreakers } from 'breaker-box/fleet';
import { seededRandom } from '../../lib/core/random';
import { TimerClock } from '../../spec/support/timer-clock';
import { unitOf } from '../figures';
import type { Finding } from './finding';

const PROCESSES = 8;
const CALLS_PER_SECOND = 20;
const STEP_MS = 1000 / (PROCESSES * CALLS_PER_SECOND);
const ERRORS = 0.05;
const HEALTHY_MS = 600_000;
const OPENS_WITHIN_MS = 500;

/** Whether pooled streaks open a healthy fleet, and how soon an outage does; in virtual time. */
export async function counters(minutes: number): Promise<Finding> {
  const clock = new TimerClock();
  const random = seededRandom(1);
  const store = memoryStore({ clock });
  let errors = ERRORS;
  let openings = 0;
  let openedAtMs = Infinity;
  const calls = Array.from({ length: PROCESSES }, (_, n) => {
    const registry = new BreakerRegistry({ clock, random: seededRandom(n) });
    registry.on('transition', ({ to }) => {
      if (to !== 'open') return;
      openings++;
      openedAtMs = Math.min(openedAtMs, clock.now());
    });
    shareBreakers(registry, store, { share: 'counters' });
    const work = async (): Promise<void> => {
      if (random() < errors) throw new Error('down');
    };
    return withBreaker(work, { name: 'dependency', registry });
  });
  const callFor = async (ms: number, until = (): boolean => false): Promise<void> => {
    for (let at = 0; at < ms && !until(); at += STEP_MS) {
      void calls[Math.floor(random() * PROCESSES)]!().catch(() => undefined);
      await clock.advance(STEP_MS);
    }
  };
  await callFor((HEALTHY_MS * minutes) / 10);
  const healthy = openings;
  const outageAtMs = clock.now();
  errors = 1;
  openedAtMs = Infinity;
  await callFor(60_000, () => openedAtMs < Infinity);
  const opensAfterMs = openedAtMs - outageAtMs;
  return {
    verdicts: [
      { target: `Openings of a fleet at 5 % errors under \`counters\`, in ${minutes} minutes`, limit: '0', measured: String(healthy), met: healthy === 0, failed: healthy > 0 },
      { target: 'From a real outage to the opening, under `counters`', limit: `${OPENS_WITHIN_MS} ms`, measured: unitOf(opensAfterMs, 'ms'), met: opensAfterMs <= OPENS_WITHIN_MS, failed: opensAfterMs > OPENS_WITHIN_MS },
    ],
    details: `Pooled counts in virtual time: ${PROCESSES} processes with ${CALLS_PER_SECOND} calls a second each, \`failureThreshold: 5\`.`,
  };
}
