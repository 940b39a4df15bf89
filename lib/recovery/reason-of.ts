import { asText, propertyOf } from '../core/thrown';
import { causesOf } from '../presets/causes';
import { databaseVerdict } from '../presets/database-failure';
import type { Verdict } from '../presets/databases/verdict';
import { RetryReason } from './retry-reason';

/**
 * Why an attempt failed: the first error along the chain of causes whose code, HTTP status or name tells, or what a database says. The outermost
 * error often only wraps: Node's `fetch` gives `TypeError: fetch failed`, and its `cause` knows what happened.
 */
export function reasonOf(error: unknown): RetryReason {
  const chain = causesOf(error);
  for (const one of chain) {
    const reason = byCode(one) ?? byStatus(one) ?? byName(one);
    if (reason !== undefined) return reason;
  }
  const verdict = databaseVerdict(error);
  if (verdict !== undefined) return BY_VERDICT[verdict];
  if (chain.some(isSystemError)) return RetryReason.DOWNLOAD_FAILED;
  return chain.some(isFetchFailure) ? RetryReason.NETWORK_ERROR : RetryReason.UNKNOWN;
}

/** Codes of our own errors, of Node, and of its HTTP client undici; the first pattern that fits decides. */
const CODES: readonly (readonly [RegExp, RetryReason])[] = [
  [/^BREAKER_RATE_LIMITED$/, RetryReason.RATE_LIMITED],
  [/^BREAKER_(OPEN|BULKHEAD_FULL|THROTTLED)$/, RetryReason.TEMPORARY_UNAVAILABLE],
  [/TIMEDOUT|TIMEOUT|^ETIME$/, RetryReason.TIMEOUT],
  [/^(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|ENOBUFS)$|OUT_OF_MEMORY|MEMORY_ALLOCATION/, RetryReason.RESOURCE_EXHAUSTED],
  [/^ECONN|^ENOTCONN$|^EPIPE$|^EHOST|^ENET|^ENOTFOUND$|^EAI_|^EADDRNOTAVAIL$|^EPROTO$/, RetryReason.NETWORK_ERROR],
  [/^UND_ERR_(SOCKET|CLOSED|DESTROYED)$|^ERR_SOCKET_|^ERR_STREAM_PREMATURE_CLOSE$|^HPE_/, RetryReason.NETWORK_ERROR],
];

function byCode(error: object): RetryReason | undefined {
  const code = propertyOf(error, 'code');
  return typeof code === 'string' ? CODES.find(([pattern]) => pattern.test(code))?.[1] : undefined;
}

/** Any other code of the system. Asked after the databases: SQL Server's clients have codes such as `EREQUEST`. */
function isSystemError(error: object): boolean {
  const code = propertyOf(error, 'code');
  return typeof code === 'string' && /^E(?!RR_)[A-Z0-9]+$/.test(code);
}

const BY_VERDICT: Readonly<Record<Verdict, RetryReason>> = {
  contended: RetryReason.TEMPORARY_UNAVAILABLE,
  refused: RetryReason.SERVICE_UNAVAILABLE,
  lost: RetryReason.NETWORK_ERROR,
  late: RetryReason.TIMEOUT,
  unwell: RetryReason.SERVER_ERROR,
  answer: RetryReason.UNKNOWN,
  mistake: RetryReason.UNKNOWN,
};

function byStatus(error: object): RetryReason | undefined {
  const status = statusOf(error);
  if (status === undefined) return undefined;
  if ((status === 429 || status === 403) && /quota/i.test(asText(propertyOf(error, 'message')))) return RetryReason.API_QUOTA_EXCEEDED;
  if (status === 429) return RetryReason.RATE_LIMITED;
  if (status === 408) return RetryReason.TIMEOUT;
  if (status === 503) return RetryReason.SERVICE_UNAVAILABLE;
  return status >= 500 ? RetryReason.SERVER_ERROR : undefined;
}

/** Wherever clients put an HTTP status, as a number or in digits. */
function statusOf(error: object): number | undefined {
  const response = propertyOf(error, 'response');
  const places = [propertyOf(error, 'status'), propertyOf(error, 'statusCode'), propertyOf(response, 'status'), propertyOf(response, 'statusCode'), propertyOf(error, 'code')];
  return places.map((place) => Number(asText(place))).find((number) => Number.isInteger(number) && number >= 400 && number <= 599);
}

function byName(error: object): RetryReason | undefined {
  const name = propertyOf(error, 'name');
  if (typeof name !== 'string') return undefined;
  if (/timeout/i.test(name)) return RetryReason.TIMEOUT;
  if (/^(Network|Connection|Connect)Error$/.test(name)) return RetryReason.NETWORK_ERROR;
  // V8 has no code for it, only a message: `Array buffer allocation failed`.
  const isOutOfMemory = name === 'RangeError' && /allocation failed|out of memory/i.test(asText(propertyOf(error, 'message')));
  return isOutOfMemory ? RetryReason.RESOURCE_EXHAUSTED : undefined;
}

/** The words of Node, Chromium, Firefox and Safari for a request that got no answer. */
function isFetchFailure(error: object): boolean {
  return propertyOf(error, 'name') === 'TypeError' && /^(fetch failed|Failed to fetch|NetworkError when attempting|Load failed)/.test(asText(propertyOf(error, 'message')));
}
