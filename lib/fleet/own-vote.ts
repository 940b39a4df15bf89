import type { Breaker } from '../breaker/breaker';
import { isOpen, type State } from '../breaker/states';
import type { Command } from './command';
import { wireMs } from './record';
import type { SharedRecord } from './shared-record';
import type { Sharing } from './sharing';

/** What a vote leaves to the breaker it is of. */
export interface Voter {
  readonly governs: boolean;
  lastError(): string | undefined;
}

/** The vote of this process, which is in the record as long as its own counts have its breaker open. */
export class OwnVote {
  /** The last open state that they led to. */
  #tripped: State | undefined;
  /** Of those, the last whose vote the store has taken. */
  #counted: State | undefined;
  #isUnderWay = false;

  constructor(
    private readonly breaker: Breaker,
    private readonly record: SharedRecord,
    private readonly voter: Voter,
    private readonly sharing: Sharing,
  ) {}

  /** The breaker has gone on to another state by itself. */
  entered(isTrip: boolean): void {
    if (isTrip) this.#tripped = this.breaker.current;
    this.keep();
  }

  /** @param isPoll - Votes once more, for those who take part may have become fewer. */
  keep(isPoll = false): void {
    const { record, voter } = this;
    if (this.#isUnderWay || record.seen.state !== 'closed' || !record.isUsable) return;
    if (!this.#isTripped) this.#withdraw();
    else if (voter.governs && (isPoll || !this.#isCast)) void this.#cast();
  }

  leave(): void {
    this.#tripped = undefined;
    this.keep();
  }

  get #isTripped(): boolean {
    const { current } = this.breaker;
    return current === this.#tripped && isOpen(current) && !current.isDue(this.breaker.ageNow());
  }

  /** Whether the record has it. */
  get #isCast(): boolean {
    const { record, sharing } = this;
    return record.present?.votes.some((vote) => vote.process === sharing.process && record.left(vote) > 0) === true;
  }

  async #cast(): Promise<void> {
    const { record, breaker, sharing, voter } = this;
    this.#isUnderWay = true;
    const participants = await sharing.participants(record.id);
    let epoch = 0;
    const vote = (): Command => {
      ({ epoch } = record.seen);
      const lasts = this.#isTripped && isOpen(breaker.current) ? wireMs(breaker.current.untilMs - breaker.ageNow()) : 0;
      return { kind: 'vote', epoch, lasts, quorum: sharing.options.quorum, error: voter.lastError() };
    };
    const reduced = await record.update(vote, { participants });
    this.#isUnderWay = false;
    if (reduced?.done === true) {
      if (this.#counted !== this.#tripped) sharing.voted();
      this.#counted = this.#tripped;
    }
    // For another epoch than that of the fleet it did not count; now we know that.
    else if (reduced !== undefined && record.seen.epoch > epoch) this.keep();
  }

  #withdraw(): void {
    const { record, sharing } = this;
    if (!this.#isCast) return;
    this.#isUnderWay = true;
    void record.update(() => ({ kind: 'vote', epoch: record.seen.epoch, lasts: 0, quorum: sharing.options.quorum })).then(() => {
      this.#isUnderWay = false;
    });
  }
}
