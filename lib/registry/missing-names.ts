import { closest } from '../core/unknown-option';
import { warn } from '../core/warn';

/** An operation may register late, as a module that is imported on demand does. */
const PATIENCE_MS = 10_000;

/** So many names are told of, or waited for: more are no mistyping any more. */
const MOST_NAMES = 1000;

/** Names that an operator has called and that no operation has: mistyped, unless one registers soon. */
export class MissingNames {
  readonly #timers = new Map<string, unknown>();
  readonly #told = new Set<string>();

  /** @param names - Gives those of the operations there are. */
  constructor(private readonly names: () => readonly string[]) {}

  /** An operator has called a name. @param call - As the warning names it: `trip`. */
  note(name: string, call: string): void {
    if (this.#timers.has(name) || this.#told.has(name) || this.#timers.size + this.#told.size >= MOST_NAMES) return;
    // Of the platform, whatever clock the registry has; a process that has nothing else to do ends all the same.
    const timer = setTimeout(() => {
      this.#tell(name, call);
    }, PATIENCE_MS);
    (timer as { unref?: () => unknown }).unref?.();
    this.#timers.set(name, timer);
  }

  /** An operation has registered. */
  registered(name: string): void {
    const timer = this.#timers.get(name);
    if (timer === undefined) return;
    this.#timers.delete(name);
    clearTimeout(timer as ReturnType<typeof setTimeout>);
  }

  #tell(name: string, call: string): void {
    this.#timers.delete(name);
    this.#told.add(name);
    const meant = closest(name, this.names());
    const advice = meant === undefined ? 'and none has a name like it' : `did you mean '${meant}'?`;
    warn('BREAKER_BOX_UNKNOWN_NAME', `${call}('${name}') reached no breaker: no operation has this name, nor did one register within ten seconds; ${advice}`);
  }
}
