import type { OutcomeWindow, WindowContent } from './outcome-window';

const FAILED = 1;
const SLOW = 2;

/** The last `size` outcomes: a ring of flags with running sums. */
export class CountWindow implements OutcomeWindow {
  calls = 0;
  failures = 0;
  slow = 0;
  /** Made at the first outcome: an idle breaker has none. */
  #ring: Uint8Array | undefined;
  #next = 0;

  constructor(private readonly size: number) {}

  record(failed: boolean, slow: boolean): void {
    this.#push((failed ? FAILED : 0) | (slow ? SLOW : 0));
  }

  redate(): void {
    // Outcomes have no time.
  }

  advance(): void {
    // Outcomes leave by number, not by age.
  }

  save(): WindowContent {
    const { calls, size } = this;
    const oldest = this.#next + size - calls;
    let outcomes = '';
    for (let i = 0; i < calls; i++) outcomes += String(this.#ring![(oldest + i) % size]);
    return { type: 'count', outcomes };
  }

  load(content: WindowContent): void {
    if (content.type !== 'count') return;
    for (const digit of content.outcomes) this.#push(Number(digit));
  }

  #push(flags: number): void {
    const ring = (this.#ring ??= new Uint8Array(this.size));
    if (this.calls === ring.length) this.#count(ring[this.#next] ?? 0, -1);
    ring[this.#next] = flags;
    this.#count(flags, 1);
    this.#next = this.#next + 1 === ring.length ? 0 : this.#next + 1;
  }

  #count(flags: number, by: 1 | -1): void {
    this.calls += by;
    if ((flags & FAILED) !== 0) this.failures += by;
    if ((flags & SLOW) !== 0) this.slow += by;
  }
}
