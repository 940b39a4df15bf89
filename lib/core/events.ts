import { aboutCall, type Call } from './call';
import { wallTime, type Clock } from './clock';
import type { PolicySink } from './policy';

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
