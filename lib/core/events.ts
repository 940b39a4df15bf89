import { circumstances } from './circumstances';
import { unknownName } from './closest';
import { callContained } from './contained';
import { ConfigurationError, type ConfigurationIssue } from './errors';

/** What every event carries: its type, the operation (and key) it is about, and when (epoch milliseconds). */
export interface BaseEvent {
  readonly type: string;
  readonly operation: string;
  readonly key?: string;
  readonly at: number;
}

/** What every event carries that tells what a policy did to an attempt of a call. */
export interface PolicyEvent<T extends string> extends BaseEvent {
  readonly type: T;
  /** The call that the attempt belongs to; absent while nobody watches calls. */
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
}

/** Where events go. */
export interface EventSink<Events extends Record<string, BaseEvent>> {
  /** Whether anybody listens to one of the events that happen at every call. */
  readonly hot: boolean;
  has(type: keyof Events): boolean;
  emit<E extends keyof Events>(type: E, event: Events[E]): void;
}

/** Every event there is, and whether it is hot: it happens at every call. */
export type EventTypes<Events> = Readonly<Record<keyof Events, boolean>>;

/**
 * Listeners by event type. Listeners cannot harm: a throw or an async rejection of one is contained and
 * reported once. A listener added or removed while an event is delivered counts from the next event.
 */
export class Emitter<Events extends Record<string, BaseEvent>> implements EventSink<Events> {
  /** Whether anybody listens to one of the hot events. A field, because every call reads it. */
  hot = false;
  readonly #isHot: EventTypes<Events>;
  readonly #listeners = new Map<keyof Events, readonly ((event: never) => unknown)[]>();

  constructor(types: EventTypes<Events>) {
    this.#isHot = types;
  }

  /**
   * @returns A function that removes the listener.
   * @throws {@link ConfigurationError} for an event that does not exist, or a listener that is no function.
   */
  on<E extends keyof Events>(type: E, listener: (event: Events[E]) => unknown): () => void {
    this.#check(type, listener);
    // A function of its own for each registration, so that adding one listener twice and removing it once leaves one.
    const entry = (event: Events[E]): void => {
      callContained(`A '${String(type)}' listener`, listener, event);
    };
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), entry]);
    this.#updateHot();
    return () => {
      const rest = (this.#listeners.get(type) ?? []).filter((one) => one !== entry);
      if (rest.length > 0) this.#listeners.set(type, rest);
      else this.#listeners.delete(type);
      this.#updateHot();
    };
  }

  /** Whether anybody listens, so that events are built only then. */
  has(type: keyof Events): boolean {
    return this.#listeners.has(type);
  }

  emit<E extends keyof Events>(type: E, event: Events[E]): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }

  #check(type: unknown, listener: unknown): void {
    const known = Object.keys(this.#isHot);
    const issues: ConfigurationIssue[] = [];
    if (!known.includes(type as string)) {
      issues.push({ path: 'event', message: `unknown event; ${unknownName(String(type), known, 'events')}`, received: type });
    }
    if (typeof listener !== 'function') issues.push({ path: 'listener', message: 'must be a function', received: listener });
    if (issues.length > 0) throw new ConfigurationError('on', issues);
  }

  #updateHot(): void {
    this.hot = [...this.#listeners.keys()].some((type) => this.#isHot[type]);
    circumstances.changes++;
  }
}
