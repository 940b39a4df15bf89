import type { Breaker } from '../breaker/breaker';
import type { Command } from './command';
import { limitsOf, type Counts, type Limits } from './pooled-counts';
import { LONGEST_POLL } from './options';
import type { SharedBreaker } from './shared-breaker';
import { Timer } from './timer';

/** The least time between two reports of one breaker, in milliseconds. */
const REPORT_GAP_MS = 50;

/** Processes have this long to object to an opening, where messages tell them of the counts. Milliseconds. */
const HEARING_MS = 200;

/** Processes object to an opening, or open when its time has come, after a random time up to this one: the first spares the others the write. Milliseconds. */
const WITHIN_MS = 40;

/** The part of a window of calls that one process reports at once, at most. */
const PARTS = 4;

/** The counts of a breaker at a time. */
interface Mark extends Omit<Counts, 'streak'> {
  readonly atMs: number;
}

const NOTHING: Counts = { calls: 0, failures: 0, slow: 0, streak: 0 };

/**
 * Reports what a breaker counts. A failure is reported at once. A success costs nothing, until the counts of the fleet reach a limit: then there is a
 * moment in which who has had successes since tells of them, and the circuit stays closed.
 */
export class PooledCounting {
  /** The oldest first: what came after the first has not been reported. */
  #marks: Mark[];
  /** `since` of the pooled counts that this process knew when it began to count. */
  #after: number | undefined;
  #isReporting = false;
  readonly #gap: Timer;
  readonly #decision: Timer;

  constructor(private readonly shared: SharedBreaker) {
    const { timers } = shared.sharing;
    this.#marks = [markOf(shared.breaker)];
    this.#gap = new Timer(timers);
    this.#decision = new Timer(timers);
  }

  failed(): void {
    this.#tell();
  }

  /** Tells successes, where others have failed. */
  poll(): void {
    if (this.#objects) this.#tell();
    this.#age();
  }

  /** The record has changed. */
  changed(): void {
    const { record, sharing } = this.shared;
    const pooled = record.present?.counts;
    const decision = pooled?.decision;
    // Others have begun a row of failures: what succeeds from now on ends it.
    if (this.#limits !== undefined && !('window' in this.#limits) && pooled?.since !== this.#after && this.#counts.failures === 0) this.rebase();
    if (decision === undefined) {
      this.#decision.stop();
      return;
    }
    const afterMs = this.#objects ? 0 : record.left(decision);
    this.#decision.start(afterMs + sharing.random() * WITHIN_MS, () => {
      this.#send(!this.#objects);
    });
  }

  /** Begins anew: what there is has been reported, or is of another epoch. */
  rebase(): void {
    this.#marks = [markOf(this.shared.breaker)];
    this.#after = this.shared.record.present?.counts?.since;
  }

  stop(): void {
    this.#gap.stop();
    this.#decision.stop();
  }

  get #limits(): Limits | undefined {
    return limitsOf(this.shared.breaker.options);
  }

  /** The counts that are not reported yet. */
  get #counts(): Counts {
    const { breaker } = this.shared;
    const now = markOf(breaker);
    const [first] = this.#marks;
    // Its statistics may have been reset.
    const { calls, failures, slow } = first === undefined || now.calls < first.calls ? NOTHING : first;
    const news = { calls: now.calls - calls, failures: now.failures - failures, slow: now.slow - slow };
    return { ...news, streak: Math.min(breaker.failureCount, news.failures) };
  }

  /** Whether what has not been reported would keep the pooled counts from opening the breaker. */
  get #objects(): boolean {
    const pooled = this.shared.record.present?.counts;
    const limits = this.#limits;
    const { calls, failures } = this.#counts;
    return pooled !== undefined && limits !== undefined && failures < calls && ('window' in limits || this.#after === pooled.since);
  }

  /** Now and then, and before a report: what is older than the window is not reported any more. */
  #age(): void {
    const limits = this.#limits;
    if (limits === undefined || !('window' in limits)) return;
    const now = markOf(this.shared.breaker);
    if (now.calls !== this.#marks.at(-1)?.calls) this.#marks.push(now);
    const { window, size } = limits;
    // Of a window of calls, each process has a part; what is in no report of others is the newest of it.
    const isOld = ({ atMs, calls }: Mark): boolean => (window === 'time' ? now.atMs - atMs >= size : now.calls - calls >= size / PARTS);
    while (this.#marks[1] !== undefined && isOld(this.#marks[1])) this.#marks.shift();
  }

  #tell(): void {
    if (this.#limits === undefined || this.#gap.isRunning) return;
    this.#gap.start(REPORT_GAP_MS, () => {
      // Successes alone are in no hurry.
      if (this.#counts.failures > 0) this.#tell();
    });
    this.#send(false);
  }

  /** @param asks - Only whether it is decided that the counts open the circuit. */
  #send(asks: boolean): void {
    const { governs, record, sharing } = this.shared;
    const limits = this.#limits;
    if (limits === undefined || this.#isReporting || !governs || record.seen.state !== 'closed') return;
    this.#age();
    if (!asks && this.#counts.calls === 0) return;
    this.#isReporting = true;
    // Without messages, processes hear of it by their next poll.
    const hearing = HEARING_MS + (sharing.isSubscribed ? 0 : LONGEST_POLL * sharing.options.pollInterval);
    const command = (): Command => {
      const counts = asks ? NOTHING : this.#counts;
      const after = this.#after;
      if (!asks) this.rebase();
      return { kind: 'report', epoch: record.seen.epoch, counts, limits, after, openFor: this.shared.openTimeMs(0), hearing, error: this.shared.lastError };
    };
    void record.update(command).then(() => {
      this.#isReporting = false;
    });
  }
}

function markOf(breaker: Breaker): Mark {
  const { successes, failures, slow } = breaker;
  return { atMs: breaker.ageNow(), calls: successes + failures, failures, slow };
}
