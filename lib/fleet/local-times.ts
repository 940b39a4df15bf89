import { deadlinesOf, FOREVER, leftAt, type Deadline, type Record } from './record';

/**
 * The deadlines of a record in the time of this process. From when it first saw one, it waits as long as was left then, and never longer than was given,
 * whatever the clock of the server does.
 */
export class LocalTimes {
  /** By deadline, when it ends by this process's monotonic clock. */
  #ends = new Map<string, number>();

  /**
   * Takes over the deadlines of a record that was read or written.
   *
   * @param nowMs - By the store's clock.
   * @param localMs - At the same time, by the monotonic clock of the process.
   */
  see(record: Record, nowMs: number, localMs: number): void {
    const ends = new Map<string, number>();
    for (const deadline of deadlinesOf(record)) {
      const key = keyOf(deadline);
      ends.set(key, this.#ends.get(key) ?? localMs + leftAt(deadline, nowMs));
    }
    this.#ends = ends;
  }

  /** Milliseconds until a deadline. One that was not seen counts as seen now. */
  left(deadline: Deadline, nowMs: number, localMs: number): number {
    if (deadline.given >= FOREVER) return FOREVER;
    const end = this.#ends.get(keyOf(deadline));
    return end === undefined ? leftAt(deadline, nowMs) : Math.max(0, Math.min(deadline.given, end - localMs));
  }
}

function keyOf({ at, given }: Deadline): string {
  return `${at} ${given}`;
}
