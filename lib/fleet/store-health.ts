import type { RegistrySharing } from './registry-sharing';
import { Timer } from './timer';

/** What cannot be used: the whole store or some of its shards (`''`), or the record of one operation. */
interface Trouble {
  readonly error: unknown;
  /** Those that are out of reach, where others are not. */
  readonly shards?: readonly string[] | undefined;
}

/** Tells of changes of what can be used: one in a poll interval, so that a store in trouble makes no storm. */
export class StoreHealth {
  /** By operation: the shards that were said to be out of reach. */
  readonly #told = new Map<string, string>();
  #notBeforeMs = -Infinity;
  readonly #timer: Timer;

  constructor(private readonly sharing: RegistrySharing) {
    this.#timer = new Timer(sharing.timers);
  }

  /** @param afterMs - Time in which more of it may show. */
  changed(afterMs = 0): void {
    const waitMs = Math.max(afterMs, this.#notBeforeMs - this.sharing.clock.now());
    const tell = (): void => {
      this.#tellNext();
    };
    if (waitMs > 0) this.#timer.start(waitMs, tell);
    else tell();
  }

  stop(): void {
    this.#timer.stop();
  }

  #tellNext(): void {
    this.#timer.stop();
    const troubles = this.#troubles();
    const changed = [...new Set([...troubles.keys(), ...this.#told.keys()])].filter((operation) => textOf(troubles.get(operation)) !== this.#told.get(operation));
    const [first] = changed;
    if (first === undefined) return;
    const { clock, options } = this.sharing;
    const trouble = troubles.get(first);
    if (trouble === undefined) this.#told.delete(first);
    else this.#told.set(first, textOf(trouble) as string);
    this.#notBeforeMs = clock.now() + options.pollInterval;
    this.sharing.emit(first, trouble);
    if (changed.length > 1) this.changed();
  }

  /** By operation. */
  #troubles(): Map<string, Trouble> {
    const shards = this.sharing.usedShards;
    const away = shards.filter(({ isUp }) => !isUp);
    const troubles = new Map<string, Trouble>();
    const isAllAway = away.length === shards.length;
    if (away[0] !== undefined) troubles.set('', { error: away[0].error, ...(!isAllAway && { shards: away.map(({ name }) => name).sort() }) });
    if (!isAllAway) for (const { breaker, record } of this.sharing.live()) if (record.refusal !== undefined) troubles.set(breaker.name, record.refusal);
    return troubles;
  }
}

/** What of it makes another event when it changes. */
function textOf(trouble: Trouble | undefined): string | undefined {
  return trouble && (trouble.shards?.join() ?? '');
}
