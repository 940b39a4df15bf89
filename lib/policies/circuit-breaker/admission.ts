import type { Cancellation } from '../../core/cancellation';

/** The attempt that asks to be admitted. */
export interface Attempt {
  /** Absent while nobody watches. */
  readonly id: number | undefined;
  readonly attempt: number;
  readonly cancellation: Cancellation | undefined;
  /** Whether it has neither. */
  readonly isPlain: boolean;
}

/** What events say of an attempt; nothing when its permit was taken by hand. */
export function about(attempt: Attempt | undefined): { callId?: number; attempt?: number } {
  if (attempt === undefined) return {};
  return { ...(attempt.id !== undefined && { callId: attempt.id }), attempt: attempt.attempt };
}

/** What an admitted attempt reports to: the reactions to attach to its promise. Exactly one is called, once. */
export interface Admission {
  /** Records a returned value, and passes it on. */
  readonly onSuccess: (value: unknown) => unknown;
  /** Records an error. @returns What the caller gets instead: the same, or the reason of its own abort. */
  failed(error: unknown): unknown;
  /** {@link Admission.failed}, as a reaction that throws. */
  readonly onFailure: (error: unknown) => never;
  /** Records that the attempt says nothing about the dependency. */
  ignore(): void;
}
