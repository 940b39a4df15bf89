import type { Clock } from '../../../lib';

/** What a server is asked, and can. */
export interface Load {
  /** Requests it has, the asked one included. */
  readonly busy: number;
  /** Requests that it takes at a time as fast as one. */
  readonly capacity: number;
}

export interface Behaviour {
  readonly latencyMs: number;
  readonly fails?: boolean;
}

/** A server in virtual time, whose capacity is known, and may change. */
export class SimulatedServer {
  busy = 0;

  constructor(
    private readonly clock: Clock,
    public capacity: number,
    private readonly behave: (load: Load) => Behaviour,
  ) {}

  readonly request = async (): Promise<string> => {
    this.busy++;
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

/** Requests over its capacity share it, so that all of them take longer. */
export const sharing = (latencyMs: number) => ({ busy, capacity }: Load): Behaviour => ({ latencyMs: latencyMs * Math.max(1, busy / capacity) });

/** Requests over its capacity are refused. */
export const refusing = (latencyMs: number) => ({ busy, capacity }: Load): Behaviour => ({ latencyMs, fails: busy > capacity });
