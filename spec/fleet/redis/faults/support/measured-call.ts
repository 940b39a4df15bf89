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
  #limit: Limit | undefined;
  #hasRun = false;
  #outstayed = false;
  #hasWaited = false;
  #addedMs = 0;
  #after: Turn | undefined;
  #endedAt = this.#at;

  /** What the wrapper is given. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    this.#hasRun = true;
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
    // After that of the wrapper, which so has no excuse if this one is over first.
    if (!this.#hasRun) this.#limit = new Limit(TIMES.probeWait + 1);
    const outcome = await this.#outcomeOf(call);
    if (!this.#hasRun) this.#admitted();
    // A probe that lost its slot is over before its function.
    else if (this.#after !== undefined) this.#returned(this.#after);
    return {
      at: this.#at,
      outcome,
      mayProbe,
      addedMs: this.#addedMs,
      hasWaited: this.#hasWaited,
      outstayed: this.#outstayed,
      hasRun: this.#hasRun,
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
    this.#outstayed = this.#limit?.isOver === true;
    this.#before.stop();
    this.#limit?.stop();
  }

  #returned(after: Turn): void {
    this.#addedMs += machineMs() - this.#endedAt;
    if (after.hasPassed) this.#outstayed = this.#hasWaited = true;
    after.stop();
  }
}
