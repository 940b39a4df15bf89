import type { Cancellation } from '../core/cancellation';
import type { Rejection } from '../core/rejection';
import type { Watch } from '../core/watch';

/** The attempt that asks to be admitted. */
export interface Attempt {
  /** Absent while nobody watches. */
  readonly watch: Watch | undefined;
  readonly attempt: number;
  readonly cancellation: Cancellation | undefined;
  /** Whether it has neither. */
  readonly isPlain: boolean;
}

/** What events say of an attempt; nothing when its permit was taken by hand. */
export function about(attempt: Attempt | undefined): { callId?: number; attempt?: number } {
  if (attempt === undefined) return {};
  return { ...(attempt.watch !== undefined && { callId: attempt.watch.id }), attempt: attempt.attempt };
}

/** What an admitted attempt reports to: the reactions to attach to its promise. Exactly one is called, once. */
export interface Admission {
  /** Records a returned value, and passes it on. */
  readonly onSuccess: (value: unknown) => unknown;
  /** Records an error. @returns What the caller gets instead: the same, or the reason of its own abort. */
  failed(error: unknown): unknown;
  /** {@link Admission.failed}, as a reaction that rejects. */
  readonly onFailure: (error: unknown) => Rejection;
  /** Whether it was let through in `half_open`. */
  readonly isProbe: boolean;
  /** Ends a probe whose slot other processes may have by now; only where several share the breaker. */
  readonly lease?: Cancellation;
}

/** The right to run one attempt, taken by `breaker.acquire()`. The first of its three answers settles it; later ones do nothing. */
export interface Permit {
  /** The attempt worked. */
  success(value?: unknown): void;
  /** The attempt failed. */
  failure(error?: unknown): void;
  /** The attempt says nothing about the dependency; a probe's slot is given back. */
  ignore(): void;
  /** Whether it was let through in `half_open`. */
  readonly isProbe: boolean;
  readonly settled: boolean;
}

/** A permit of an attempt's own, which the layers report to as well. */
export type OwnPermit = Permit & Admission;
