import type { Clock } from '../core/clock';
import { Timer } from './timer';
import type { Shard } from './shard';

/** What cannot be used: the whole store or some of its shards (`''`), or the record of one operation. */
export interface Trouble {
  readonly operation: string;
  readonly error: unknown;
  /** Those that are out of reach, where others are not. */
  readonly shards?: readonly string[] | undefined;
}

/** Tells of changes of what can be used: one in a poll interval, so that a store in trouble makes no storm. */
export class StoreHealth {
  /** By operation. */
  readonly #told = new Map<string, string>();
  #notBeforeMs = -Infinity;
  readonly #timer: Timer;

  /**
   * @param troubles - What cannot be used now.
   * @param tell - With an error: `down`.
   */
  constructor(
    private readonly troubles: () => readonly Trouble[],
    private readonly tell: (operation: string, trouble: Trouble | undefined) => void,
    private readonly clock: Clock,
    private readonly pollInterval: number,
  ) {
    this.#timer = new Timer(clock);
  }

  /** @param afterMs - Time in which more of it may show. */
  changed(afterMs = 0): void {
    const nowMs = this.clock.now();
    const waitMs = Math.max(afterMs, this.#notBeforeMs - nowMs);
    if (waitMs <= 0) this.#tellNext();
    else
      this.#timer.start(waitMs, () => {
        this.#tellNext();
      });
  }

  stop(): void {
    this.#timer.stop();
  }

  #tellNext(): void {
    this.#timer.stop();
    const troubles = new Map(this.troubles().map((trouble) => [trouble.operation, trouble]));
    const changed = [...new Set([...troubles.keys(), ...this.#told.keys()])].filter((operation) => textOf(troubles.get(operation)) !== this.#told.get(operation));
    const [first] = changed;
    if (first === undefined) return;
    const trouble = troubles.get(first);
    if (trouble === undefined) this.#told.delete(first);
    else this.#told.set(first, textOf(trouble) as string);
    this.#notBeforeMs = this.clock.now() + this.pollInterval;
    this.tell(first, trouble);
    if (changed.length > 1) this.changed();
  }
}

/** What of it makes another event when it changes. */
function textOf(trouble: Trouble | undefined): string | undefined {
  return trouble && (trouble.shards?.join() ?? '');
}

/** Whether the store as a whole is out of reach: each shard that is used. */
export function areAllAway(shards: Iterable<Shard>): boolean {
  const all = [...shards];
  return all.length > 0 && all.every(({ isUp }) => !isUp);
}
