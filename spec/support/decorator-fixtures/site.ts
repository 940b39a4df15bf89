import { BreakerRegistry, type BreakerOptions, type RetryOptions } from '../../../lib';
import { VirtualClock } from './virtual-clock';

/** A remote service that answers until it is told to fail. */
export class Backend {
  readonly error = new Error('connection reset');
  readonly requests: string[] = [];
  private down = false;

  fail(): void {
    this.down = true;
  }

  recover(): void {
    this.down = false;
  }

  /** An arrow function, so that the methods under test can be handed it on its own. */
  readonly fetch = async (id: string): Promise<string> => {
    this.requests.push(id);
    if (this.down) throw this.error;
    return `video ${id}`;
  };
}

export const FAILURE_THRESHOLD = 3;
export const RECOVERY_TIMEOUT_MS = 60_000;

/** What one spec decorates with: a registry and a clock of its own, and options that use them. */
export class Site {
  readonly clock = new VirtualClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly backend = new Backend();
  readonly breaker = {
    failureThreshold: FAILURE_THRESHOLD,
    recoveryTimeout: RECOVERY_TIMEOUT_MS,
    registry: this.registry,
  } satisfies BreakerOptions;
  readonly retry = {
    maxAttempts: 2,
    baseDelay: 10,
    jitter: false,
    registry: this.registry,
  } satisfies RetryOptions;

  names(): string[] {
    return [...this.registry.names()];
  }
}
