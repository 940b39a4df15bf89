import type { BreakerState, OverrideKind } from '../breaker/events';

/** What a store keeps of one breaker. Times are epoch milliseconds by the store's clock. */
export interface Record {
  /** Grows with every transition, also across a loss of the store: at least the time in microseconds. 0 when nothing has happened yet. */
  readonly epoch: number;
  readonly state: BreakerState;
  /** When an open breaker is due. */
  readonly openUntil: number;
  /** How often it has opened again since it was last closed. */
  readonly reopenings: number;
  /** Probes that succeeded in this half-open epoch. */
  readonly successes: number;
  /** No slot is given before: a probe that the record does not know may still run. */
  readonly quarantineUntil: number;
  readonly override: { readonly kind: OverrideKind; readonly until: number; readonly reason: string } | undefined;
  /** Whether it was an operator's reset that closed it. */
  readonly reset: boolean;
  /** Which run of a server made the last transition, or gave the last slot: another one may not know of all slots. `''`: there is but one. */
  readonly server: string;
  /** Failures of all processes since the last success that was reported. */
  readonly streak: number;
  /** Pooled counts, the oldest first. */
  readonly buckets: readonly Bucket[];
  /** Two of the settings of live processes, when they differ. */
  readonly settings: readonly { readonly text: string; readonly until: number }[];
  /** The operation, where the record's name does not tell it. */
  readonly name: string;
  /** By process, until when its vote counts, and until when it is alive. */
  readonly votes: ReadonlyMap<string, number>;
  readonly members: ReadonlyMap<string, number>;
  /** By slot, until when it is held. */
  readonly leases: ReadonlyMap<string, number>;
  /** When it may be forgotten. */
  readonly expiresAt: number;
}

export interface Bucket {
  /** When its first report came. */
  readonly at: number;
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Of which nothing is known: it is closed. */
export const NO_RECORD: Record = {
  epoch: 0,
  state: 'closed',
  openUntil: 0,
  reopenings: 0,
  successes: 0,
  quarantineUntil: 0,
  override: undefined,
  reset: false,
  server: '',
  streak: 0,
  buckets: [],
  settings: [],
  name: '',
  votes: new Map(),
  members: new Map(),
  leases: new Map(),
  expiresAt: 0,
};
