import fc from 'fast-check';
import type { Record } from '../../lib/fleet/record';
import { wellFormed } from '../../lib/fleet/shared-name';
import { FOREVER, type Answer, type Command, type Confirmed } from '../../lib/fleet/shared-store';

/** What one of several processes does next, when time has passed. */
export interface Step {
  readonly process: number;
  /** Milliseconds that pass before, or: until the n-th of all moments that the record names. */
  readonly passes: number | { readonly toMoment: number };
  /** What it says it had confirmed: what it was answered last, nothing, what another was, or what the store never had. */
  readonly seen: 'last' | 'nothing' | 'anothers' | Confirmed;
  /** How old the command is; undefined: it does not tell. */
  readonly ageMs: number | undefined;
  readonly alive: number;
  readonly lease: number;
  readonly act: Act;
  /** Which of two servers has the records. */
  readonly server: 'primary' | 'replica';
  /** Before, the store loses all that it has. */
  readonly isAfterLoss: boolean;
}

type Act = DistributiveOmit<Command, 'process' | 'seen' | 'alive' | 'lease' | 'at'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const PROCESSES = ['p0', 'p"1"', 'pé2', '3\ud800'];

const duration = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(0, 1, 0.5, 60_000, FOREVER));
const someText = fc.oneof(fc.constantFrom('', 'a', 'b', '{"x":[1]}', 'a,b;c', '\ud83d\ude00', '\ud800', '\u0000', "'\\'"), fc.string({ maxLength: 100 }));
/** Mostly one that ends within a few steps. */
const openFor = fc.oneof({ arbitrary: fc.integer({ min: 0, max: 500 }), weight: 4 }, duration);
const slot = fc.constantFrom('s0', 's0', 's0', 's"1', 'l:2');
const few = fc.integer({ min: 1, max: 3 });

const override = fc.record(
  { kind: fc.constantFrom('forced_open' as const, 'disabled' as const, 'shadow' as const), remaining: duration, reason: someText },
  { requiredKeys: ['kind', 'remaining'] },
);

const limits = fc.oneof(
  fc.record({ failureThreshold: fc.integer({ min: 1, max: 12 }) }),
  fc.record({
    window: fc.constantFrom('count' as const, 'time' as const),
    size: fc.integer({ min: 1, max: 3000 }),
    minimumCalls: fc.integer({ min: 0, max: 40 }),
    failureRate: fc.double({ min: 0.01, max: 1, noNaN: true }),
    slowRate: fc.constantFrom(0.3, 1, 2),
  }),
);

const counts = fc.record({
  calls: fc.integer({ min: 0, max: 20 }),
  failures: fc.integer({ min: 0, max: 20 }),
  slow: fc.integer({ min: 0, max: 20 }),
  streak: fc.integer({ min: 0, max: 20 }),
});

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('get' as const), settings: someText, name: someText }, { requiredKeys: ['kind'] }),
  {
    arbitrary: fc.record({
      kind: fc.constant('vote' as const),
      lasts: duration,
      openFor,
      quorum: fc.record({ min: fc.integer({ min: 1, max: 3 }), ratio: fc.constantFrom(0, 0.3, 0.5, 0.6, 1) }),
    }),
    weight: 3,
  },
  fc.record(
    { kind: fc.constant('report' as const), counts, limits, openFor, settings: someText, name: someText },
    { requiredKeys: ['kind', 'counts', 'limits', 'openFor'] },
  ),
  { arbitrary: fc.record({ kind: fc.constant('acquire' as const), slot, probes: few, successes: few }), weight: 4 },
  fc.record({ kind: fc.constant('renew' as const), slot }),
  fc.record({ kind: fc.constant('release' as const), slot }),
  { arbitrary: fc.record({ kind: fc.constant('result' as const), slot, success: fc.constantFrom(true, true, false), successes: few, openFor }), weight: 4 },
  fc.record({ kind: fc.constant('force' as const), act: fc.constant('override' as const), override }),
  fc.record({ kind: fc.constant('force' as const), act: fc.constantFrom('clear' as const, 'close' as const, 'reset' as const) }),
);

const confirmed: fc.Arbitrary<Confirmed> = fc.record(
  {
    // Not yet, and above all that there has been.
    epoch: fc.constantFrom(1, 9_000_000_000_000_000),
    state: fc.constantFrom('closed' as const, 'open' as const, 'half_open' as const),
    remaining: duration,
    reopenings: fc.integer({ min: 0, max: 4 }),
    override,
  },
  { requiredKeys: ['epoch', 'state', 'remaining', 'reopenings'] },
);

const step: fc.Arbitrary<Step> = fc.record({
  process: fc.nat({ max: PROCESSES.length - 1 }),
  passes: fc.oneof(
    { arbitrary: fc.record({ toMoment: fc.nat({ max: 5 }) }), weight: 3 },
    { arbitrary: fc.integer({ min: 0, max: 400 }), weight: 8 },
    { arbitrary: fc.integer({ min: 0, max: 4000 }), weight: 3 },
    { arbitrary: fc.integer({ min: 0, max: 700_000 }), weight: 1 },
  ),
  seen: fc.oneof(
    { arbitrary: fc.constant('last' as const), weight: 20 },
    { arbitrary: fc.constantFrom('nothing' as const, 'anothers' as const), weight: 3 },
    { arbitrary: confirmed, weight: 1 },
  ),
  ageMs: fc.oneof({ arbitrary: fc.constantFrom(undefined, 0, 1999, 2000), weight: 6 }, { arbitrary: fc.constantFrom(2001, 60_000), weight: 1 }),
  alive: fc.constantFrom(0, 500, 5000, 600_000),
  lease: fc.constantFrom(1, 300, 500, 2000),
  act,
  server: fc.oneof({ arbitrary: fc.constant('primary' as const), weight: 8 }, fc.constant('replica' as const)),
  isAfterLoss: fc.boolean().chain((is) => (is ? fc.integer({ min: 0, max: 9 }).map((n) => n === 0) : fc.constant(false))),
});

/** What several processes do, one after another. */
export const histories = fc.array(step, { minLength: 20, maxLength: 80 });

/** When a step comes, in microseconds: later than the one before. */
export function timeOf({ passes }: Step, record: Record | undefined, beforeMicros: number): number {
  if (typeof passes === 'number') return beforeMicros + passes * 1000 + 7;
  const moments = [...new Set(record && momentsOf(record))].map((at) => at * 1000).filter((at) => at > beforeMicros && Number.isSafeInteger(at));
  return moments.sort((a, b) => a - b)[passes.toMoment % moments.length] ?? beforeMicros + 7;
}

function momentsOf({ openUntil, quarantineUntil, override, settings, votes, members, leases, buckets }: Record): number[] {
  const ends = [openUntil, quarantineUntil, override?.until ?? 0, ...settings.map(({ until }) => until)];
  const starts = buckets.flatMap(({ at }) => [at + 1000, at + 3000]);
  return [...ends, ...starts, ...votes.values(), ...members.values(), ...leases.values()];
}

/** The processes of a history: each remembers what it was answered. */
export class Senders {
  readonly #seen = new Map<number, Confirmed>();

  /** @param nowMs - The store's clock. */
  command({ process, seen, ageMs, alive, lease, act }: Step, nowMs: number): Command {
    const command = {
      ...act,
      process: PROCESSES[process]!,
      seen: this.#confirmed(process, seen),
      alive,
      lease,
      ...(ageMs !== undefined && { at: nowMs - ageMs }),
    } as Command;
    // What no store can carry is made fit for it by who sends it.
    return JSON.parse(JSON.stringify(command, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value))) as Command;
  }

  answered({ process }: Step, { epoch, state, remaining, reopenings, override }: Answer): void {
    this.#seen.set(process, { epoch, state, remaining, reopenings, override });
  }

  #confirmed(process: number, seen: Step['seen']): Confirmed {
    if (typeof seen === 'object') return seen;
    const nothing = { epoch: 0, state: 'closed' as const, remaining: 0, reopenings: 0 };
    if (seen === 'nothing') return nothing;
    return this.#seen.get(seen === 'last' ? process : (process + 1) % PROCESSES.length) ?? nothing;
  }
}
