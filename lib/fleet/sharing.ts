import type { AgeClock, Clock } from '../core/clock';
import type { ResolvedShareOptions } from './options';
import type { Turns } from './turns';

/** Two polls are so many intervals apart at the most. */
export const LONGEST_POLL = 1.2;

/** What a shared breaker has in common with the others of its registry. */
export interface Sharing {
  readonly options: ResolvedShareOptions;
  readonly process: string;
  /** Unlike any other process's. */
  readonly writer: string;
  readonly clock: Clock;
  readonly age: AgeClock;
  /** Those who ask for a probe slot at once, over all breakers. */
  readonly requests: Turns;
  readonly isStopped: boolean;
  /** Whether messages tell of changes. */
  readonly isSubscribed: boolean;
  random(): number;
  /** Processes that had an outcome of a record lately; undefined: not known. */
  participants(id: string): Promise<number | undefined>;
  recordChanged(): void;
  /** A vote was cast. */
  voted(): void;
}
