import { BreakerRegistry, withPolicies, type RateLimitEvent, type RateLimitOptions } from '../../lib';
import { Call, invoke } from '../../lib/core/call';
import { SignalCancellation } from '../../lib/core/cancellation';
import { TimerClock } from '../support/timer-clock';

/** A limited function that notes when it was run with what. */
export class Testbed {
  readonly clock = new TimerClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly runs: { readonly arg: unknown; readonly at: number }[] = [];
  readonly events: RateLimitEvent[] = [];
  readonly call: (arg?: unknown) => Promise<unknown>;

  constructor(rateLimit: number | RateLimitOptions) {
    this.call = withPolicies(
      async (arg?: unknown) => {
        this.runs.push({ arg, at: this.clock.now() });
        return arg;
      },
      { name: 'orders.list', registry: this.registry, rateLimit },
    );
    this.registry.on('rateLimit', (event) => {
      this.events.push(event);
    });
  }

  /** The arguments of the runs, in order. */
  get order(): unknown[] {
    return this.runs.map(({ arg }) => arg);
  }

  /** The times of the runs. */
  get times(): number[] {
    return this.runs.map(({ at }) => at);
  }

  /** Makes as many calls at once. @returns How many were let through. */
  async flood(calls: number): Promise<number> {
    const results = await Promise.allSettled(Array.from({ length: calls }, () => this.call()));
    return results.filter(({ status }) => status === 'fulfilled').length;
  }

  /** The same function, called inside a call that can be aborted, or has a deadline. */
  within({ signal, deadline }: { signal?: AbortSignal; deadline?: number }, arg?: unknown): Promise<unknown> {
    const cancellation = signal && SignalCancellation.of(signal);
    const limit = deadline === undefined ? undefined : { atMs: deadline, clock: this.clock };
    return invoke(() => this.call(arg), new Call('outer', undefined, cancellation, 1, limit), undefined, []) as Promise<unknown>;
  }
}
