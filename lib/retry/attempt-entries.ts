import * as v from 'valibot';
import type { Jitter } from './jitter';
import { atLeast, duration, having, integer } from '../core/options';

// The options that a retry and a recovery strategy have in common: how many attempts, and the waits between them.

export const maxAttempts = v.optional(integer(1, { infinity: true }), 3);
export const baseDelay = v.optional(duration(), '1s');
export const maxDelay = v.optional(duration(), '300s');
export const exponentialBase = v.optional(atLeast(1), 2);
export const jitter = v.optional(
  v.custom<Jitter>(
    (input) => typeof input === 'boolean' || input === 'full' || input === 'equal' || (typeof input === 'number' && input >= 0 && input <= 1),
    `must be true, false, 'full', 'equal', or a ratio >= 0 and <= 1`,
  ),
  true,
);
export const signal = v.optional(having<AbortSignal>('an AbortSignal', 'addEventListener', 'removeEventListener'));
