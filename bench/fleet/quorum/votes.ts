export interface Quorum {
  readonly min: number;
  readonly ratio: number;
}

/** How many of the participants must vote. */
function needed({ min, ratio }: Quorum, participants: number): number {
  return Math.min(participants, Math.max(min, Math.ceil(ratio * participants)));
}

/** What the fleet keeps of one breaker: votes, then an open time, then one probe. Pure but for its fields; no store, no network. */
export class Votes {
  openings = 0;
  isOpen = false;
  isProbing = false;
  #openUntilMs = 0;
  readonly #votes = new Map<number, number>();

  constructor(private readonly quorum: Quorum) {}

  /** @param participants - Processes that had an outcome within the last open time; the voters are counted with them. */
  vote(pod: number, participants: ReadonlySet<number>, nowMs: number, openMs: number): void {
    if (this.isOpen) return;
    this.#votes.set(pod, nowMs + openMs);
    for (const [voter, untilMs] of this.#votes) if (untilMs <= nowMs) this.#votes.delete(voter);
    const all = new Set([...participants, ...this.#votes.keys()]);
    if (this.#votes.size < needed(this.quorum, all.size)) return;
    this.openings++;
    this.isOpen = true;
    this.#openUntilMs = Math.max(...this.#votes.values());
    this.#votes.clear();
  }

  /** Takes the one probe slot. */
  probe(nowMs: number): boolean {
    if (this.isProbing || nowMs < this.#openUntilMs) return false;
    this.isProbing = true;
    return true;
  }

  probed(success: boolean, nowMs: number, openMs: number): void {
    this.isProbing = false;
    if (success) this.isOpen = false;
    else this.#openUntilMs = nowMs + openMs;
  }
}
