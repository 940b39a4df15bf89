export type State = 'closed' | 'open' | 'half_open';
export type Outcome = 'success' | 'failure' | 'ignored';
export type Override = 'forced_open' | 'disabled' | 'shadow';

interface Rates {
  minimumCalls?: number;
  failureRate?: number;
  slowCallDuration?: number;
  slowCallRate?: number;
}

export type ReferenceWindow = Rates & ({ type: 'count'; size: number } | { type: 'time'; duration: number });

/** The breaker's options with every duration in milliseconds: the library takes the same object. */
export interface ReferenceOptions {
  failureThreshold?: number;
  recoveryTimeout?: number;
  window?: ReferenceWindow;
  recoveryBackoff?: { factor: number; max: number };
  halfOpen?: { maxCalls?: number; successThreshold?: number; probeTimeout?: number };
}

export interface ReferenceClock {
  now(): number;
  wallTime(): number;
  /** What states age by: frozen time counts. */
  age(): number;
}

/** A stretch of time in one state: an epoch. */
export interface Period {
  readonly state: State;
  readonly since: number;
  /** How many outcomes there were when it began. */
  readonly firstOutcome: number;
  /** Open periods only: how long the circuit is to stay open, and when it opened by the wall clock. */
  openTime: number;
  readonly openedAt?: number;
  /** Open periods only: whether slow calls opened the circuit. */
  readonly bySlowness?: boolean;
}

export interface Recorded {
  readonly outcome: Outcome;
  readonly at: number;
  readonly slow: boolean;
  readonly probe: boolean;
  readonly error: Error | undefined;
}

/** The right to run one attempt, with the period it was given in. */
export interface ReferencePermit {
  readonly period: Period;
  readonly since: number;
  readonly isProbe: boolean;
  /** When a probe loses its slot. */
  readonly expires: number;
  /** `unrecorded`: given while disabled. `would_reject`: shadow mode let through what the machine rejected. */
  readonly standing: 'counted' | 'unrecorded' | 'would_reject';
  settled: boolean;
}

export interface ReferenceEvent {
  readonly type: string;
  readonly [detail: string]: unknown;
}

/** What is counted and not listed. */
export interface Counters {
  late: number;
  rejected: number;
  opens: number;
}

export interface LaidOver {
  readonly kind: Override;
  readonly until: number;
}

export interface ReferenceSnapshot {
  readonly periods: readonly Period[];
  readonly outcomes: readonly Recorded[];
  readonly windowStart: number;
  readonly windowType: ReferenceWindow['type'] | undefined;
  readonly counters: Counters;
  readonly override: LaidOver | undefined;
  /** By the clock's `age`. */
  readonly now: number;
  readonly wallTime: number;
}
