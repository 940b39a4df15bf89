import { aboutCall, type Call } from './call';
import { callSafely } from './call-safely';
import { refuse } from './check';
import { wallTime, type Clock } from './clock';
import { ConfigurationError, type ConfigurationIssue } from './errors';
import type { PolicySink } from './policy';
import { version } from './shared';
import { unknownName } from './unknown-option';

/** Called of what happens: each method, of the events of its name. */
export type Observer<Events> = { readonly [E in keyof Events]?: ((event: Events[E]) => unknown) | undefined };

const NONE: readonly never[] = [];

/** Where events go. */
export interface EventSink<Events extends Record<string, BaseEvent>> {
  /** Whether anybody listens to one of the events that happen at every call. */
  readonly hot: boolean;
  has(type: keyof Events): boolean;
  emit<E extends keyof Events>(type: E, event: Events[E]): void;
}

/**
 * The observers of one thing. They cannot harm: a throw or an async rejection of one is contained and reported once. One that is
 * added or removed while an event is delivered counts from the next event.
 */
export class Observers<Events extends Record<string, BaseEvent>, O extends Observer<Events> = Observer<Events>> implements EventSink<Events> {
  /** Those that were added whole, for their methods that are no listeners. */
  all: readonly O[] = NONE;
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
      void callSafely(`A '${String(type)}' listener`, listener, event);
    };
    this.#set(type, [...this.#of(type), entry]);
    return () => {
      this.#set(type, this.#of(type).filter((one) => one !== entry));
    };
  }

  /** Adds an observer: all methods that it has now. @returns A function that removes it. */
  observe(observer: O): () => void {
    this.all = [...this.all, observer];
    const types = (Object.keys(this.#isHot) as (keyof Events)[]).filter((type) => typeof (observer as Observer<Events>)[type] === 'function');
    const ends = types.map((type) => this.on(type, (observer as Observer<Events>)[type]!.bind(observer)));
    return () => {
      this.all = this.all.filter((one) => one !== observer);
      for (const end of ends) end();
    };
  }

  /** Whether anybody listens, so that events are built only then. */
  has(type: keyof Events): boolean {
    return this.#listeners.has(type);
  }

  emit<E extends keyof Events>(type: E, event: Events[E]): void {
    for (const listener of this.#of(type)) listener(event as never);
  }

  #check(type: unknown, listener: unknown): void {
    const issues: ConfigurationIssue[] = [];
    if (!Object.hasOwn(this.#isHot, type as string)) {
      refuse(issues, 'event', type, __DEV__ && `unknown event; ${unknownName(String(type), Object.keys(this.#isHot), 'events')}`);
    }
    if (typeof listener !== 'function') refuse(issues, 'listener', listener, __DEV__ && 'must be a function');
    if (issues.length > 0) throw new ConfigurationError('on', issues);
  }

  #of(type: keyof Events): readonly ((event: never) => unknown)[] {
    return this.#listeners.get(type) ?? [];
  }

  #set(type: keyof Events, listeners: readonly ((event: never) => unknown)[]): void {
    if (listeners.length > 0) this.#listeners.set(type, listeners);
    else this.#listeners.delete(type);
    this.hot = [...this.#listeners.keys()].some((one) => this.#isHot[one]);
    version.current++;
  }
}

/** The fields of every event: its type, the operation (and key) it is about, and when (epoch milliseconds). */
export interface BaseEvent {
  readonly type: string;
  readonly operation: string;
  readonly key?: string;
  readonly at: number;
}

/** The fields of every event about what a policy did to an attempt of a call. */
export interface PolicyEvent<T extends string> extends BaseEvent {
  readonly type: T;
  /** The call that the attempt belongs to; absent while nobody watches calls. */
  readonly callId?: number;
  /** From 1. */
  readonly attempt: number;
}

/** Every event there is, and whether it is hot: it happens at every call. */
export type EventTypes<Events> = Readonly<Record<keyof Events, boolean>>;

/** The fields of an event besides those of every attempt. A retry's is about an attempt that is over. */
type Details<E extends PolicyEvent<string>> = Omit<E, keyof PolicyEvent<string>> & { readonly attempt?: number };

/** Emits what a policy did to an attempt of a call, when somebody listens. */
export function emitPolicyEvent<E extends PolicyEvent<string>>(
  sink: PolicySink,
  type: E['type'],
  clock: Clock,
  call: Call,
  details: Details<E>,
  key?: string,
): void {
  if (!sink.has(type)) return;
  sink.emit(type, { type, at: wallTime(clock), ...aboutCall(call), ...details, ...keyed(key) });
}

/** The key of an event, if it has one. */
export function keyed(key: string | undefined): { key?: string } {
  return key === undefined ? {} : { key };
}
