import { aboutCall, type Call } from './call';
import { wallTime, type Clock } from './clock';
import type { PolicyEvent } from './events';
import type { PolicySink } from './policy';

/** What an event says besides what is known of every attempt. A retry tells of an attempt that is over. */
type Details<E extends PolicyEvent<string>> = Omit<E, keyof PolicyEvent<string>> & { readonly attempt?: number };

/** Tells those who listen what a policy did to an attempt of a call. */
export function tell<E extends PolicyEvent<string>>(
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
