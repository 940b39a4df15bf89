/** Failures in a row that open a circuit. */
export const THRESHOLD = 5;

/** How long it is open until a probe. */
export const RECOVERY_MS = 500;

/** What a process is to call, how often, and where it shares its breaker: nowhere, without an URL. */
export interface Terms {
  readonly url: string;
  readonly intervalMs: number;
  readonly redisUrl?: string;
}

/** What a process met in an outage. */
export interface Seen {
  /** When its circuit opened first, epoch milliseconds: it rejects from then on. */
  openedAt: number | undefined;
  probes: number;
}
