import { asText, propertyOf, statusFieldsOf } from '../core/safe-inspect';
import { causesOf } from '../presets/causes';
import { databaseVerdict } from '../presets/database';
import type { Verdict } from '../presets/databases/verdict';
import { RetryReason } from './retry-strategy';

/** The properties of an error that decide its reason, read once: a stranger's error may throw when it is read. */
interface ErrorLike {
  readonly name: unknown;
  readonly message: unknown;
  readonly code: unknown;
  readonly status: number | undefined;
}

/**
 * Why an attempt failed: the first error along the chain of causes whose code, HTTP status or name tells; else what the client of a database says
 * by it. The outermost error often only wraps: Node's `fetch` gives `TypeError: fetch failed`, and its `cause` knows what happened.
 */
export function reasonOf(error: unknown): RetryReason {
  const chain = causesOf(error).map(read);
  for (const one of chain) {
    const reason = byCode(one.code) ?? byStatus(one) ?? byName(one);
    if (reason !== undefined) return reason;
  }
  // Any lost connection, not a database's alone.
  const verdict = databaseVerdict(error);
  if (verdict !== undefined) return BY_VERDICT[verdict];
  return chain.some(isSystemError) ? RetryReason.DOWNLOAD_FAILED : RetryReason.UNKNOWN;
}

function read(error: unknown): ErrorLike {
  return { name: propertyOf(error, 'name'), message: propertyOf(error, 'message'), code: propertyOf(error, 'code'), status: statusOf(error) };
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

function byCode(code: unknown): RetryReason | undefined {
  if (typeof code !== 'string') return undefined;
  return CODES.find(([pattern]) => pattern.test(code))?.[1];
}

/** Any other code of the system. Asked after the databases: SQL Server's clients have codes such as `EREQUEST`. */
function isSystemError({ code }: ErrorLike): boolean {
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

function byStatus({ status, message }: ErrorLike): RetryReason | undefined {
  if (status === undefined) return undefined;
  if ((status === 429 || status === 403) && /quota/i.test(asText(message))) return RetryReason.API_QUOTA_EXCEEDED;
  if (status === 429) return RetryReason.RATE_LIMITED;
  if (status === 408) return RetryReason.TIMEOUT;
  if (status === 503) return RetryReason.SERVICE_UNAVAILABLE;
  return status >= 500 ? RetryReason.SERVER_ERROR : undefined;
}

/** Clients disagree on where they put an HTTP status, and on whether it is a number. */
function statusOf(error: unknown): number | undefined {
  const fields = [...statusFieldsOf(error), propertyOf(error, 'code')];
  return fields.map(toNumber).find((number) => Number.isInteger(number) && number >= 400 && number <= 599);
}

function toNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
}

function byName({ name, message }: ErrorLike): RetryReason | undefined {
  if (typeof name !== 'string') return undefined;
  if (/timeout/i.test(name)) return RetryReason.TIMEOUT;
  if (/^(Network|Connection|Connect)Error$/.test(name)) return RetryReason.NETWORK_ERROR;
  // V8 has no code for it, only a message: `Array buffer allocation failed`.
  const isOutOfMemory = name === 'RangeError' && /allocation failed|out of memory/i.test(asText(message));
  return isOutOfMemory ? RetryReason.RESOURCE_EXHAUSTED : undefined;
}
