import type { OutcomeWindow, WindowContent } from './outcome-window';
import type { TripRule, TripStats } from './trip-rule';

/** Outcomes that a time window needs before its rates are judged. */
const MINIMUM_CALLS = 20;

interface Limits {
  readonly minimumCalls?: number | undefined;
  readonly failureRate: number;
  readonly slowCallRate?: number | undefined;
}

/** A share of failures, or of slow calls, in a window. */
export class FailureRate implements TripRule {
  readonly isTimeless: boolean;
  readonly #minimumCalls: number;

  /** @param size - Outcomes that a count window holds; undefined: the window is one of time. */
  constructor(
    private readonly window: OutcomeWindow,
    private readonly limits: Limits,
    size: number | undefined,
  ) {
    this.isTimeless = size !== undefined;
    this.#minimumCalls = limits.minimumCalls ?? size ?? MINIMUM_CALLS;
  }

  record(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.window.record(failed, slow, nowMs);
    return this.#reached();
  }

  redate(failed: boolean, slow: boolean, nowMs: number): 'failure_rate' | 'slow_rate' | undefined {
    this.window.redate(failed, slow, nowMs);
    return this.#reached();
  }

  get isSlow(): boolean {
    const { calls, slow } = this.window;
    // Without calls the share is NaN, which reaches no limit.
    return slow / calls >= (this.limits.slowCallRate ?? Infinity);
  }

  stats(nowMs: number): TripStats {
    this.window.advance(nowMs);
    return this.window;
  }

  progress(nowMs: number): string {
    const { calls, failures } = this.stats(nowMs);
    return `${failures} of ${Math.ceil(this.limits.failureRate * Math.max(calls, this.#minimumCalls))}`;
  }

  snapshot(nowMs: number): WindowContent {
    return this.window.save(nowMs);
  }

  restore(saved: WindowContent, nowMs: number, ageMs: number): void {
    this.window.load(saved, nowMs, ageMs);
  }

  adopt(previous: TripRule, nowMs: number): void {
    const content = previous.snapshot?.(nowMs);
    if (content !== undefined) this.restore(content as WindowContent, nowMs, 0);
  }

  #reached(): 'failure_rate' | 'slow_rate' | undefined {
    const { calls, failures } = this.window;
    if (calls < this.#minimumCalls) return undefined;
    if (failures / calls >= this.limits.failureRate) return 'failure_rate';
    return this.isSlow ? 'slow_rate' : undefined;
  }
}
