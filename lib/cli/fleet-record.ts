import { type NO_RECORD, type Record } from '../fleet/record';
import { FOREVER } from '../fleet/shared-store';
import { isWhole, readSharedName } from '../fleet/shared-name';

/** What is to be said of the breaker of a fleet. Times are milliseconds from now; null: never. */
export interface BreakerStatus {
  readonly operation: string;
  readonly key?: string | undefined;
  readonly state: Record['state'];
  /** How often it has opened again since it was last closed. */
  readonly reopenings: number;
  readonly votes: number;
  readonly processes: number;
  /** Until a call may try whether the dependency is back, 0 when one may now; null while it is closed. */
  readonly nextProbe: number | null;
  readonly probes: { readonly running: number; readonly succeeded: number };
  readonly override?: { readonly kind: string; readonly remaining: number | null; readonly reason?: string | undefined } | undefined;
  /** What live processes have set their breakers to, when they differ. */
  readonly settings?: readonly string[] | undefined;
  /** Until it is forgotten, when nobody uses it. */
  readonly forgottenIn: number | null;
}

type Fields = Readonly<globalThis.Record<string, string>>;

/**
 * Reads the record of a breaker as the script has written it.
 *
 * @param votes - The processes whose votes have not run out; `members`: those that are alive.
 * @returns Undefined for what is no record, or is one no more.
 */
export function readRecord(breaker: string, fields: Fields, votes: readonly string[], members: readonly string[], now: number): BreakerStatus | undefined {
  const number = (field: string): number => Number(fields[field] ?? 0);
  const state = fields['st'] as Record['state'];
  if (!(number('x') > now) || !STATES.includes(state)) return undefined;
  const leases = Object.entries(fields).filter(([field, until]) => field.startsWith('l:') && Number(until) > now);
  const settings = [1, 2].flatMap((n) => (number(`u${n}`) > now ? [fields[`c${n}`] ?? ''] : []));
  const notBefore = Math.max(number('q'), state === 'open' ? number('un') : 0);
  return {
    ...nameOf(breaker, fields['nm'] ?? ''),
    state,
    reopenings: number('n'),
    votes: votes.filter((process) => members.includes(process)).length,
    processes: members.length,
    nextProbe: state === 'closed' ? null : left(notBefore, now),
    probes: { running: leases.length, succeeded: number('ok') },
    ...(number('ou') > now && { override: { kind: fields['ov'] ?? '', remaining: left(number('ou'), now), reason: fields['or'] } }),
    ...(settings.length > 1 && { settings }),
    forgottenIn: left(number('x'), now),
  };
}

const STATES: readonly unknown[] = ['closed', 'open', 'half_open'] satisfies (typeof NO_RECORD)['state'][];

/** A name that was too long for a key is in the record, with the key. */
function nameOf(breaker: string, name: string): { operation: string; key?: string } {
  return isWhole(breaker) || name === '' ? readSharedName(breaker) : { operation: name };
}

function left(until: number, now: number): number | null {
  return until >= FOREVER ? null : Math.max(0, Math.ceil(until - now));
}
