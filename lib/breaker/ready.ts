import { SignalCancellation } from '../core/cancellation';
import { startTimer } from '../core/timer';
import type { Breaker } from './breaker';

export interface ReadyOptions {
  /** Ends the wait: it rejects with the signal's reason. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** One `ready()` that has not resolved: asks again whether a call would be admitted. */
type Waiter = () => boolean;

const queues = /* @__PURE__ */ new WeakMap<Breaker, ReadyQueue>();

/** Resolves when a call through the breaker would be admitted. */
export function whenReady(breaker: Breaker, { signal }: ReadyOptions): Promise<void> {
  const cancellation = signal && SignalCancellation.of(signal);
  const queue = queues.get(breaker) ?? new ReadyQueue(breaker);
  queues.set(breaker, queue);
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    let stopTimer: (() => void) | undefined;
    /** @returns Whether it is over. */
    const waiter = (): boolean => {
      stopTimer?.();
      const isAborted = cancellation?.aborted === true;
      const waitMs = isAborted ? 0 : queue.claim();
      if (waitMs > 0) {
        // Without an end in sight, a transition, the end of an override or the signal ends it.
        stopTimer = waitMs === Infinity ? undefined : startTimer(breaker.clock, waitMs, waiter);
        return false;
      }
      for (const end of ends) end();
      if (isAborted) reject(cancellation.reason);
      else resolve();
      return true;
    };
    if (waiter()) return;
    ends.push(queue.join(waiter));
    if (cancellation !== undefined) ends.push(cancellation.subscribe(waiter));
  });
}

/** Those who wait for a breaker: half open, no more of them go on than there are free probe slots. */
class ReadyQueue {
  readonly #waiters = new Set<Waiter>();
  #unwatch: (() => void) | undefined;
  /** Slots promised to waiters who have gone on, and whose probes have not begun. */
  #promised = 0;
  /** Probes of the period that had begun when the first of them was promised. */
  #begunBefore = 0;
  #promisedUntilMs = 0;
  /** The breaker's generation then. */
  #promisedIn = 0;

  constructor(private readonly breaker: Breaker) {}

  /** @returns A function that leaves. */
  join(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    this.#unwatch ??= this.#watch();
    return () => {
      this.#waiters.delete(waiter);
      if (this.#waiters.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }

  /** @returns 0 when a call would be admitted, and its slot is promised to who asks; else the milliseconds until it may be. */
  claim(): number {
    const { breaker } = this;
    const blockedMs = breaker.blockedMs();
    if (blockedMs > 0 || breaker.override !== undefined || breaker.current.kind === 'closed') return blockedMs;
    return this.#claimSlot(breaker.now());
  }

  #claimSlot(nowMs: number): number {
    const { current, options } = this.breaker;
    const { maxCalls, probeTimeout = options.recoveryTimeout } = options.halfOpen;
    const begun = current.begun ?? 0;
    const outstanding = nowMs >= this.#promisedUntilMs || this.#isNewPeriod ? 0 : Math.max(0, this.#promised - (begun - this.#begunBefore));
    if ((current.freeSlots?.(nowMs) ?? maxCalls) <= outstanding) {
      return Math.max(1, Math.min(current.freeAtMs ?? Infinity, outstanding > 0 ? this.#promisedUntilMs : Infinity) - nowMs);
    }
    this.#promised = outstanding + 1;
    this.#begunBefore = begun;
    this.#promisedUntilMs = nowMs + probeTimeout;
    this.#promisedIn = this.breaker.generation;
    return 0;
  }

  /** A slot of an open circuit whose time is over is one of the half-open period that follows. */
  get #isNewPeriod(): boolean {
    const { current, generation } = this.breaker;
    return generation !== this.#promisedIn && !(current.kind === 'half_open' && generation === this.#promisedIn + 1);
  }

  #watch(): () => void {
    const askAll = (): void => {
      for (const waiter of [...this.#waiters]) waiter();
    };
    const unwatch = [this.breaker.on('transition', askAll), this.breaker.on('override', askAll)];
    return () => {
      for (const end of unwatch) end();
    };
  }
}
