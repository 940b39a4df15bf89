/** A clock that stands still until told otherwise. Its wall time may jump as well, as NTP and operators make it. */
export class ManualClock {
  #now: number;
  #wallOffset: number;

  constructor({ now = 0, wallTime = 1_700_000_000_000 } = {}) {
    this.#now = now;
    this.#wallOffset = wallTime - now;
  }

  readonly now = (): number => this.#now;

  readonly wallTime = (): number => this.#now + this.#wallOffset;

  advance(ms: number): void {
    this.#now += ms;
  }

  jumpWallTime(ms: number): void {
    this.#wallOffset += ms;
  }

  /** A breaker decides by comparing times; one that arms a timer keeps processes alive. */
  readonly setTimeout = (): never => {
    throw new Error('a breaker must not arm timers');
  };

  readonly clearTimeout = (): void => undefined;
}
