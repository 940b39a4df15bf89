import type { BreakerState } from '../../../../../lib';

export type ClientKind = 'node-redis' | 'ioredis';

/** What a member is told at its start. */
export interface MemberSetting {
  readonly member: number;
  readonly client: ClientKind;
  readonly redisPort: number;
  readonly dependencyPort: number;
  /** Milliseconds. */
  readonly commandTimeout: number;
  /** Milliseconds from one call to the next. */
  readonly pace: number;
}

/** What a member tells as it happens; `at` is of the clock that all have in common. */
export type MemberMessage = { readonly at: number } & (
  | { readonly kind: 'confirmed'; readonly epoch: number; readonly state: BreakerState }
  | { readonly kind: 'transition'; readonly to: BreakerState; readonly reason: string }
  | { readonly kind: 'store'; readonly health: 'up' | 'down'; readonly operation: string; readonly error: string }
  | { readonly kind: 'report'; readonly report: MemberReport }
);

export type MemberOrder = { readonly kind: 'report' } | { readonly kind: 'stand still'; readonly ms: number };

/** What a member can say of itself at any time. */
export interface MemberReport {
  readonly calls: readonly CallRecord[];
  /** What no one caught: reasons of rejections, errors, and warnings of the platform, such as that of too many listeners. */
  readonly uncaught: readonly string[];
  /** Bytes, when all that can go has gone. */
  readonly heap: number;
  readonly commands: number;
  readonly messagesIgnored: number;
}

/** What became of one call, beyond what the function itself took. */
export interface CallRecord {
  readonly at: number;
  readonly outcome: 'served' | 'failed' | 'rejected' | 'misled';
  /** Whether the function has begun. */
  readonly hasRun: boolean;
  /** Whether the breaker might let a probe through when the call began. */
  readonly mayProbe: boolean;
  /** Milliseconds that the wrapper took, before the function and after it. */
  readonly addedMs: number;
  /**
   * Whether the event loop turned meanwhile. Only then has it waited for something; what takes long without a turn is the machine's doing, which
   * had others to run.
   */
  readonly hasWaited: boolean;
  /** Whether it waited longer than for `probeWait`, by a timer of the same length in the same event loop. */
  readonly outstayed: boolean;
}
