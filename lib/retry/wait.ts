import type { Random } from '../core/random';

/** A wait before another attempt: that of the backoff, or a longer one that somebody asked for, the server or an open circuit. */
export class Wait {
  /**
   * @param backoffMs - The delay of the backoff, after jitter.
   * @param spreadMs - That before jitter; 0 without jitter. Those who were told the same time are spread over it.
   * @param askedMs - The least wait that was asked for; 0: none.
   */
  constructor(
    private readonly backoffMs: number,
    private readonly spreadMs: number,
    private readonly askedMs = 0,
  ) {}

  /** It cannot be shorter. */
  get leastMs(): number {
    return Math.max(this.backoffMs, this.askedMs);
  }

  /** The same wait, and at least `askedMs` long. */
  atLeast(askedMs: number): Wait {
    return new Wait(this.backoffMs, this.spreadMs, Math.max(this.askedMs, askedMs));
  }

  /**
   * How long to wait: `max(backoff, asked) + U(0, d)`, where `d` is the backoff before jitter. The spread never makes a wait too long.
   *
   * @param roomMs - The time that is left; at least `leastMs`.
   */
  draw(random: Random, roomMs: number): number {
    const { leastMs } = this;
    const spreadMs = this.askedMs > 0 ? Math.min(this.spreadMs, roomMs - leastMs) : 0;
    return spreadMs > 0 ? leastMs + random() * spreadMs : leastMs;
  }
}
