import { currentCall } from '../../../../lib';
import type { TimerClock } from '../../../support/timer-clock';

/** How a server behaves beside `busy` requests, the asked one included. */
export interface Load {
  readonly busy: number;
  readonly capacity: number;
}

/** A server in virtual time, which takes `capacity` requests at a time as fast as one. */
export class SimulatedServer {
  busy = 0;
  /** The most requests it had at a time since somebody looked. */
  peak = 0;

  constructor(
    private readonly clock: TimerClock,
    public capacity: number,
    private readonly behave: (load: Load) => { latencyMs: number; fails?: boolean },
  ) {}

  readonly request = async (): Promise<string> => {
    void currentCall();
    this.busy++;
    this.peak = Math.max(this.peak, this.busy);
    const { latencyMs, fails = false } = this.behave({ busy: this.busy, capacity: this.capacity });
    try {
      await new Promise<void>((resolve) => {
        this.clock.setTimeout(resolve, latencyMs);
      });
      if (fails) throw new Error('overloaded');
      return 'answer';
    } finally {
      this.busy--;
    }
  };
}

/** Has a worker for each request up to its capacity; more share them, so that latency grows with their number. */
export const queues = (latencyMs: number) => ({ busy, capacity }: Load) => ({ latencyMs: latencyMs * Math.max(1, busy / capacity) });

/** Refuses what exceeds its capacity. */
export const refuses = (latencyMs: number) => ({ busy, capacity }: Load) => ({ latencyMs, fails: busy > capacity });
