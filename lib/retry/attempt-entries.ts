import type { Jitter } from './jitter';
import { optional, when } from '../core/check';
import { atLeast, duration, having, integer } from '../core/options';

// The options that a retry and a recovery strategy have in common: how many attempts, and the waits between them.

export const maxAttempts = /* @__PURE__ */ optional(integer(1, { infinity: true }), 3);
export const baseDelay = /* @__PURE__ */ optional(duration(), '1s');
export const maxDelay = /* @__PURE__ */ optional(duration(), '300s');
export const exponentialBase = /* @__PURE__ */ optional(atLeast(1), 2);
export const jitter = /* @__PURE__ */ optional(
  when<Jitter>(
    (input) => typeof input === 'boolean' || input === 'full' || input === 'equal' || (typeof input === 'number' && input >= 0 && input <= 1),
    __DEV__ && `must be true, false, 'full', 'equal', or a ratio >= 0 and <= 1`,
  ),
  true,
);
export const signal = /* @__PURE__ */ optional(having<AbortSignal>(__DEV__ && 'an AbortSignal', 'addEventListener', 'removeEventListener'));
