import { headerOf } from '../core/headers';
import { isRecord } from '../core/options';
import { propertyOf } from '../core/safe-inspect';
import type { CustomBackoff, RetryOptions } from '../retry/options';
import type { RetryBudgetOptions } from '../retry/budget';
import type { RetryBudgetSource } from '../retry/budget-source';
import { retryBudget } from '../retry/shared-budget';
import { budgetGroup, type BudgetPresetOptions } from './finagle';
import { causesOf, codesOf } from './causes';
import { isConnectionFailure } from './connection-failure';
import { statusOf } from './http-failure';

const QUOTA = 500;
const TRANSIENT_COST = 14;
const THROTTLING_COST = 5;

const MAX_DELAY_MS = 20_000;
const TRANSIENT_BASE_MS = 50;
const THROTTLING_BASE_MS = 1000;
/** By how much a service may lengthen a delay. */
const ASKED_MARGIN_MS = 5000;

/**
 * Retries as the AWS SDKs do in their `standard` mode, for calls that reach AWS without the SDK's own retries (which are to
 * be off then: `maxAttempts: 1` on the client).
 *
 * Three attempts; delays of 50 ms · 2^(n-1) after transient errors, of 1 s · 2^(n-1) when throttled, at most 20 s, with full
 * jitter; a quota of 500, of which a retry withdraws 14 (transient) or 5 (throttled). An `x-amz-retry-after` is honoured within
 * 5 s of the computed delay. Other errors are not retried.
 *
 * @throws {@link ConfigurationError} when an option is wrong.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function aws(given: BudgetPresetOptions = {}): RetryOptions & { readonly budget: RetryBudgetSource & RetryBudgetOptions } {
  return {
    maxAttempts: 3,
    baseDelay: TRANSIENT_BASE_MS,
    maxDelay: MAX_DELAY_MS + ASKED_MARGIN_MS,
    backoff,
    // The backoff knows what the service asks for, and how far the SDKs heed it.
    respectRetryAfter: false,
    handle: (error) => kindOf(error) !== undefined,
    budget: retryBudget({
      ...budgetGroup(given, 'presets.aws'),
      quota: QUOTA,
      cost: (error) => (kindOf(error) === 'throttling' ? THROTTLING_COST : TRANSIENT_COST),
    }),
  };
}

const backoff: CustomBackoff = (attempt, { error, random }) => {
  const baseMs = kindOf(error) === 'throttling' ? THROTTLING_BASE_MS : TRANSIENT_BASE_MS;
  const delayMs = random() * Math.min(MAX_DELAY_MS, baseMs * 2 ** (attempt - 1));
  // A value without properties has no error class, and is not retried.
  const askedMs = askedDelayMs(error as object) ?? 0;
  return Math.min(Math.max(delayMs, askedMs), delayMs + ASKED_MARGIN_MS);
};

const THROTTLING = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

const TRANSIENT = new Set(['IDPCommunicationError', 'InternalError', 'RequestTimeout', 'RequestTimeoutException']);

const TRANSIENT_STATUS: ReadonlySet<unknown> = new Set([500, 502, 503, 504]);

/** How an error is to be retried; undefined when it is not. The name decides before the status, as in the SDKs. */
function kindOf(error: unknown): 'transient' | 'throttling' | undefined {
  const names = [propertyOf(error, 'name'), propertyOf(error, 'Code'), propertyOf(error, 'code')];
  const has = (set: ReadonlySet<unknown>): boolean => names.some((name) => set.has(name));
  const hint = propertyOf(error, '$retryable');
  const status = propertyOf(propertyOf(error, '$metadata'), 'httpStatusCode') ?? statusOf(responseOf(error)) ?? statusOf(error);
  if (has(THROTTLING) || propertyOf(hint, 'throttling') === true || status === 429) return 'throttling';
  const isTransient = has(TRANSIENT) || isRecord(hint) || TRANSIENT_STATUS.has(status) || isConnectionFailure(error) || isUnresolved(error);
  return isTransient ? 'transient' : undefined;
}

/** The SDKs take a name that does not resolve for a passing failure. */
function isUnresolved(error: unknown): boolean {
  return codesOf(causesOf(error)).includes('ENOTFOUND');
}

/** The response, where the SDK for JavaScript puts it. */
function responseOf(error: unknown): unknown {
  return propertyOf(error, '$response');
}

const RETRY_AFTER = 'x-amz-retry-after';

/** The delay that the service asked for, in milliseconds: on the SDK's response, or where other clients put it. */
function askedDelayMs(error: object): number | undefined {
  const text = headerOf({ response: responseOf(error) }, RETRY_AFTER) ?? headerOf(error, RETRY_AFTER);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
