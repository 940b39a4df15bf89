import { isOpen, type State } from '../breaker/states';
import type { Command } from './command';
import { wireMs } from './record';
import type { SharedBreaker } from './shared-breaker';

/** The vote of this process, which is in the record as long as its own counts have its breaker open. */
export class OwnVote {
  /** The last open state that they led to. */
  #tripped: State | undefined;
  /** Of those, the last whose vote the store has taken. */
  #counted: State | undefined;
  #isUnderWay = false;

  constructor(private readonly shared: SharedBreaker) {}

  /** The breaker has gone on to another state by itself. */
  entered(isTrip: boolean): void {
    if (isTrip) this.#tripped = this.shared.breaker.current;
    this.keep();
  }

  /** @param isPoll - Votes once more, for those who take part may have become fewer. */
  keep(isPoll = false): void {
    const { record, governs } = this.shared;
    if (this.#isUnderWay || record.seen.state !== 'closed' || !record.isUsable) return;
    const wants = this.#leftMs > 0 ? governs && (isPoll || !this.#isCast) : this.#isCast;
    if (wants) void this.#cast();
  }

  leave(): void {
    this.#tripped = undefined;
    this.keep();
  }

  /** How long its own counts have the breaker open yet. */
  get #leftMs(): number {
    const { current } = this.shared.breaker;
    return current === this.#tripped && isOpen(current) ? wireMs(current.untilMs - this.shared.breaker.ageNow()) : 0;
  }

  /** Whether the record has it. */
  get #isCast(): boolean {
    const { record, sharing } = this.shared;
    return record.present?.votes.some((vote) => vote.process === sharing.process && record.left(vote) > 0) === true;
  }

  /** Votes, or takes the vote back. */
  async #cast(): Promise<void> {
    const { record, sharing } = this.shared;
    this.#isUnderWay = true;
    const withdraws = this.#leftMs === 0;
    const participants = withdraws ? undefined : await sharing.members.participants(record.id);
    const tripped = this.#tripped;
    let epoch = 0;
    let lasts = 0;
    const vote = (): Command => {
      ({ epoch } = record.seen);
      lasts = withdraws ? 0 : this.#leftMs;
      return { kind: 'vote', epoch, lasts, quorum: sharing.options.quorum, error: this.shared.lastError };
    };
    const reduced = await record.update(vote, participants);
    this.#isUnderWay = false;
    if (reduced?.done === true && lasts > 0) {
      if (this.#counted !== tripped) sharing.votes++;
      this.#counted = tripped;
    }
    // For another epoch than that of the fleet it did not count; now we know that.
    else if (reduced?.done === false && record.seen.epoch > epoch) this.keep();
  }
}
