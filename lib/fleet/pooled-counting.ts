import type { Breaker } from '../breaker/breaker';
import { Timer } from './timer';
import type { Command } from './command';
import type { Limits } from './pooled-counts';
import { PooledReport } from './pooled-report';
import type { SharedRecord } from './shared-record';
import { LONGEST_POLL, type Sharing } from './sharing';

/** What pooled counts leave to the breaker they are of. */
export interface CountingOwner {
  readonly governs: boolean;
  openTimeMs(reopenings: number): number;
  lastError(): string | undefined;
}

/** The least time between two reports of one breaker, in milliseconds. */
const REPORT_GAP_MS = 50;

/** How long all have to object, where messages tell them of what the counts have come to. Milliseconds. */
const HEARING_MS = 200;

/** Those who object to an opening do so within this time, each after a time of its own: one is enough. */
const OBJECT_WITHIN_MS = 40;

/**
 * Reports what a breaker counts. A failure is reported at once. A success costs nothing, until the counts of the fleet reach a limit: then there is a
 * moment in which who has had successes since tells of them, and the circuit stays closed.
 */
export class PooledCounting {
  readonly #report: PooledReport;
  readonly #gap: Timer;
  readonly #objection: Timer;
  readonly #verdict: Timer;
  #isReporting = false;

  constructor(
    breaker: Breaker,
    private readonly record: SharedRecord,
    private readonly owner: CountingOwner,
    private readonly sharing: Sharing,
  ) {
    this.#report = new PooledReport(breaker);
    this.#gap = new Timer(sharing.clock);
    this.#objection = new Timer(sharing.clock);
    this.#verdict = new Timer(sharing.clock);
  }

  failed(): void {
    this.#tell();
  }

  /** Tells successes, where others have failed. */
  poll(): void {
    const { limits } = this.#report;
    if (limits === undefined) return;
    if (this.record.present?.counts !== undefined && this.#objects(limits)) this.#tell();
    this.#report.age(limits);
  }

  /** The record has changed. */
  changed(): void {
    const { limits } = this.#report;
    const pooled = this.record.present?.counts;
    if (limits === undefined) return;
    this.#report.heardOf(pooled, limits);
    const decision = pooled?.decision;
    if (decision === undefined) {
      this.#objection.stop();
      this.#verdict.stop();
      return;
    }
    if (!this.#objection.isRunning && this.#objects(limits)) {
      this.#objection.start(this.sharing.random() * OBJECT_WITHIN_MS, () => {
        if (this.#objects(limits)) this.#tell();
      });
    }
    this.#verdict.start(this.record.left(decision) + this.sharing.random() * OBJECT_WITHIN_MS, () => {
      this.#send(limits, true);
    });
  }

  /** Another epoch has begun. */
  rebase(): void {
    this.#report.rebase(this.record.present?.counts);
  }

  stop(): void {
    this.#gap.stop();
    this.#objection.stop();
    this.#verdict.stop();
  }

  /** Without messages, processes hear of it by their next poll. */
  get #hearingMs(): number {
    const { callDriven, options } = this.sharing;
    return HEARING_MS + (callDriven === undefined ? 0 : LONGEST_POLL * options.pollInterval);
  }

  #objects(limits: Limits): boolean {
    const pooled = this.record.present?.counts;
    return pooled !== undefined && this.#report.objectsTo(pooled, limits);
  }

  #tell(): void {
    const { limits } = this.#report;
    if (limits === undefined || this.#gap.isRunning) return;
    this.#gap.start(REPORT_GAP_MS, () => {
      // Successes alone are in no hurry.
      if ((this.#report.counts?.failures ?? 0) > 0) this.#tell();
    });
    this.#report.age(limits);
    this.#send(limits, false);
  }

  /** @param asks - Only whether it is decided that the counts open the circuit. */
  #send(limits: Limits, asks: boolean): void {
    if (this.#isReporting || !this.owner.governs || this.record.seen.state !== 'closed') return;
    if (!asks && this.#report.counts === undefined) return;
    this.#isReporting = true;
    const command = (): Command => {
      const { counts, after } = this.#report;
      const reported = asks || counts === undefined ? NOTHING : counts;
      if (!asks) this.#report.rebase(this.record.present?.counts);
      const { epoch } = this.record.seen;
      return { kind: 'report', epoch, counts: reported, limits, after, openFor: this.owner.openTimeMs(0), hearing: this.#hearingMs, error: this.owner.lastError() };
    };
    void this.record.update(command).then(() => {
      this.#isReporting = false;
    });
  }
}

const NOTHING = { calls: 0, failures: 0, slow: 0, streak: 0 };
