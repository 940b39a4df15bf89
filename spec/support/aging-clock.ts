import type { ManualClock } from './manual-clock';
import type { ReferenceClock } from './reference-types';

/**
 * A clock for the reference, by which states age. It looks at the wall clock each time it is asked; a run asks it at each jump,
 * as it lets the library look.
 */
export class AgingClock implements ReferenceClock {
  readonly #offsets: number[];
  #frozen = 0;

  constructor(private readonly clock: ManualClock) {
    this.#offsets = [this.#offset];
  }

  now(): number {
    return this.clock.now();
  }

  wallTime(): number {
    return this.clock.wallTime();
  }

  age(): number {
    this.#offsets.push(this.#offset);
    const ahead = Math.max(...this.#offsets) - this.#offsets[0]!;
    if (ahead > this.#frozen + 1000) this.#frozen = ahead;
    return this.clock.now() + this.#frozen;
  }

  get #offset(): number {
    return this.clock.wallTime() - this.clock.now();
  }
}
