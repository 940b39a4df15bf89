import { type Duration, duration, integer, oneOf, ratio, text } from '../core/options';
import { constrained, list, optional, options, when, type Checked } from '../core/check';
import type { Quorum } from './command';

/** How the breakers of a registry are shared. */
export interface ShareOptions {
  /** Which operations: names, or patterns in which `*` stands for any characters. @defaultValue all */
  operations?: readonly string[] | undefined;
  /**
   * What is shared. `'verdict'`: each process trips by itself and votes, and the fleet opens at the quorum. `'counters'`: the counts are pooled,
   * for processes that see too few calls to trip alone; a process still trips by itself where its own calls suffice.
   *
   * @defaultValue 'verdict'
   */
  share?: 'verdict' | 'counters' | undefined;
  /**
   * How many must vote of the processes that had an outcome of the breaker within its last open time: `ratio` of them (0–1, default 0.1), and at least `min`
   * (integer ≥ 1, default 3), but never more than there are.
   *
   * @defaultValue as said
   */
  quorum?: Partial<Quorum> | undefined;
  /** Probes at once over all processes; integer ≥ 1. @defaultValue the breaker's `halfOpen.maxCalls` */
  probes?: number | undefined;
  /** How long the one call that asks for a probe slot may wait for the answer; ≥ 0; 0: it is rejected, and a later one probes. @defaultValue '50ms' */
  probeWait?: Duration | undefined;
  /** How often the records of breakers in use are read, all at once, and one heartbeat is sent; ± 20 %; ≥ 10 ms. @defaultValue '2s' */
  pollInterval?: Duration | undefined;
  /** When a command that is not answered is given up, and the store counts as down; > 0. @defaultValue '250ms' */
  commandTimeout?: Duration | undefined;
  /** How long a probe slot lasts that is not renewed: until then, no other process probes when a prober has died; ≥ 10 ms, and at least three times `commandTimeout`. @defaultValue '5s' */
  lease?: Duration | undefined;
  /** Names this process in the store, before a random part that tells it from others of the name: 1 to 100 printable ASCII characters. @defaultValue host and process id */
  process?: string | undefined;
}

export type ResolvedShareOptions = Checked<typeof shareSchema>;

const FREQUENT_MS = 10;

/** Two polls are so many intervals apart at the most. */
export const LONGEST_POLL = 1.2;

const quorumSchema = options({ min: optional(integer(1), 3), ratio: optional(ratio(), 0.1) });

const shareEntries = {
  operations: optional(list(text(), 'must be a list of names or patterns')),
  share: optional(oneOf('verdict', 'counters'), 'verdict'),
  quorum: optional(quorumSchema, {}),
  probes: optional(integer(1)),
  probeWait: optional(duration(), '50ms'),
  pollInterval: optional(duration({ min: FREQUENT_MS }), '2s'),
  commandTimeout: optional(duration({ exclusive: true }), '250ms'),
  lease: optional(duration({ min: FREQUENT_MS }), '5s'),
  process: optional(when<string>((input) => typeof input === 'string' && /^[\x20-\x7e]{1,100}$/.test(input), 'must be 1 to 100 printable ASCII characters')),
};

export const shareSchema = constrained(options(shareEntries), ({ lease, commandTimeout }, blame) => {
  // Renewed every third of it: one answer may be late and the slot is kept all the same.
  if (lease !== undefined && commandTimeout !== undefined && lease < 3 * commandTimeout) {
    blame('lease', `must be at least three times commandTimeout (${commandTimeout} ms), so that a slot can be renewed in time`);
  }
});
