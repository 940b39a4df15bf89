import { CircuitOpenError } from '../../../../../lib';
import { machineMs } from '../../../../support/machine-time';
import type { CallRecord } from './member-messages';
import { TIMES } from './share-options';

/** Tells whether the event loop has turned since. */
class Turn {
  hasPassed = false;
  readonly #handle = setImmediate(() => {
    this.hasPassed = true;
  });

  stop(): void {
    clearImmediate(this.#handle);
  }
}

/** Tells whether a timer of the given length has fired since, and the event loop has turned once more. */
class Limit {
  isOver = false;
  readonly #handle: NodeJS.Timeout;

  constructor(ms: number) {
    this.#handle = setTimeout(() => {
      setImmediate(() => {
        this.isOver = true;
      });
    }, ms);
  }

  stop(): void {
    clearTimeout(this.#handle);
  }
}

/** One call through a wrapper, and what it took beyond the function. */
export class MeasuredCall {
  readonly #at = machineMs();
  readonly #before = new Turn();
  readonly #limit = new Limit(TIMES.probeWait + 1);
  #isOutstayed = false;
  #hasWaited = false;
  #addedMs = 0;
  #after: Turn | undefined;
  #endedAt = this.#at;

  /** What the wrapper is given. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    this.#admitted();
    try {
      return await fn();
    } finally {
      this.#endedAt = machineMs();
      this.#after = new Turn();
    }
  }

  /** @param mayProbe - Whether the breaker might let it through as a probe. */
  async end(call: Promise<unknown>, mayProbe: boolean): Promise<CallRecord> {
    const outcome = await this.#outcomeOf(call);
    if (this.#after === undefined) this.#admitted();
    else this.#returned(this.#after);
    return {
      at: this.#at,
      outcome,
      mayProbe,
      addedMs: this.#addedMs,
      hasWaited: this.#hasWaited,
      outstayed: this.#isOutstayed,
    };
  }

  async #outcomeOf(call: Promise<unknown>): Promise<CallRecord['outcome']> {
    try {
      return (await call) === 'served' ? 'served' : 'misled';
    } catch (error) {
      if (error instanceof CircuitOpenError) return 'rejected';
      return error instanceof Error && error.message === 'the dependency is down' ? 'failed' : 'misled';
    }
  }

  /** The function begins, or will not run. */
  #admitted(): void {
    this.#addedMs = machineMs() - this.#at;
    this.#hasWaited = this.#before.hasPassed;
    this.#isOutstayed = this.#limit.isOver;
    this.#before.stop();
    this.#limit.stop();
  }

  #returned(after: Turn): void {
    this.#addedMs += machineMs() - this.#endedAt;
    if (after.hasPassed) this.#isOutstayed = this.#hasWaited = true;
    after.stop();
  }
}
