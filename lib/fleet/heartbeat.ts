import type { BreakerSettings } from '../breaker/options';
import type { ResolvedShareOptions } from './options';
import { hashOf, wellFormed } from './shared-name';

/** How a process has a breaker, where that is not how the fleet has it: open by its own calls, or under an override of its own. */
export type Apart = (typeof APART)[number];

const APART = ['open', 'half_open', 'forced_open', 'disabled', 'shadow'] as const;

/** An operation that a process shares. */
export interface SharedOperation {
  /** The options of its breakers, as text to compare and to show. */
  readonly settings: string;
  /** Whether it has a breaker for each key. */
  readonly isKeyed: boolean;
}

/** A process tells the others this once in a poll interval. */
export interface Heartbeat {
  /** The names of records of which it had an outcome within their last open time: it takes part in their quorum. */
  readonly takesPart: Iterable<string>;
  readonly operations: ReadonlyMap<string, SharedOperation>;
  /** By the name of the record. */
  readonly apart: ReadonlyMap<string, Apart>;
}

/** The same as others read it: names of records are too many to be told whole. */
export interface HeartbeatReading extends Omit<Heartbeat, 'takesPart'> {
  takesPartIn(record: string): boolean;
}

/** All processes read what each of them says, so it must stay small. */
export const MOST_OPERATIONS = 200;
const MOST_APART = 50;
const LONGEST_NAME = 200;

/** Hashes of records first, of three characters each, so that a vote need not read the rest; then JSON. */
export function encodeHeartbeat({ takesPart, operations, apart }: Heartbeat): string {
  const hashes = new Set(Array.from(takesPart, digitsOf));
  const texts: string[] = [];
  const told = [...operations].filter(([name]) => name.length <= LONGEST_NAME).slice(0, MOST_OPERATIONS);
  const o = told.map(([name, { settings, isKeyed }]): Told => [wellFormed(name), indexIn(texts, settings), isKeyed ? 1 : 0]);
  return `${[...hashes].join('')} ${JSON.stringify({ s: texts, o, a: [...apart].slice(0, MOST_APART) })}`;
}

/** What `encodeHeartbeat` made; undefined for anything else. */
export function decodeHeartbeat(text: string): HeartbeatReading | undefined {
  try {
    const { s, o, a } = JSON.parse(text.slice(text.indexOf(' '))) as Written;
    if (a.some(([, how]) => !APART.includes(how))) return undefined;
    return {
      takesPartIn: (record) => includesHash(text, digitsOf(record)),
      operations: new Map(o.map(([name, settings, isKeyed]) => [String(name), { settings: String(s[settings]), isKeyed: isKeyed === 1 }])),
      apart: new Map(a.map(([record, how]) => [String(record), how])),
    };
  } catch {
    return undefined;
  }
}

/** How many processes take part in a record's quorum, by their heartbeats. One in 262,144 may be counted for another record. */
export function participantsOf(record: string, heartbeats: Iterable<string>): number {
  const hash = digitsOf(record);
  let count = 0;
  for (const text of heartbeats) if (includesHash(text, hash)) count++;
  return count;
}

/** Name, index of its settings, and 1 if it has a breaker for each key. */
type Told = readonly [string, number, 0 | 1];

interface Written {
  readonly s: readonly string[];
  readonly o: readonly Told[];
  readonly a: readonly (readonly [string, Apart])[];
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Eighteen bits, as three digits of base64. */
function digitsOf(record: string): string {
  const hash = hashOf(record);
  return [12, 6, 0].map((shift) => DIGITS[(hash >>> shift) & 63]).join('');
}

function includesHash(text: string, hash: string): boolean {
  const end = text.indexOf(' ');
  for (let at = text.indexOf(hash); at !== -1 && at < end; at = text.indexOf(hash, at + 1)) if (at % 3 === 0) return true;
  return false;
}

function indexIn(texts: string[], text: string): number {
  const known = texts.indexOf(text);
  return known === -1 ? texts.push(text) - 1 : known;
}

/** The options of a breaker that should be the same in all processes, as text to compare and to show. */
export function settingsText({ options }: BreakerSettings, { share, quorum, probes }: ResolvedShareOptions): string {
  const { failureThreshold, recoveryTimeout, window, recoveryBackoff, halfOpen } = options;
  const deciding = { failureThreshold, recoveryTimeout, window, recoveryBackoff, halfOpen, share, quorum, probes };
  return wellFormed(JSON.stringify(deciding, (_name, value: unknown) => (value === Infinity ? 'Infinity' : value)));
}
