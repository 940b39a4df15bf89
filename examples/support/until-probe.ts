import { setTimeout as sleep } from 'node:timers/promises';
import type { Breaker } from 'breaker-box';

/** Waits until the breaker would let a probe through. In a loop, because Node may fire a timer a little early. */
export async function untilProbe(breaker: Pick<Breaker, 'state' | 'retryAfter'>): Promise<void> {
  while (breaker.state === 'open') await sleep(breaker.retryAfter);
}
