import type { AgeClock, Clock } from '../core/clock';
import type { CallDrivenClock } from './call-driven-clock';
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
  /** Where no messages tell of changes: calls drive what timers of earlier requests should have. */
  readonly callDriven: CallDrivenClock | undefined;
  random(): number;
  /** Processes that had an outcome of a record lately; undefined: not known. */
  participants(id: string): Promise<number | undefined>;
  recordChanged(): void;
  /** A vote was cast. */
  voted(): void;
}
