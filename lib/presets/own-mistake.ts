import { isCancelled } from '../core/cancelled';
import { propertyOf } from '../core/safe-inspect';
import { causesOf, codesOf } from './causes';
import { isConnectionFailure } from './connection-failure';
import { statusOf } from './http-failure';

/** Codes of Node, undici and axios for arguments and options that they refuse. */
const REFUSED_ARGUMENT = /^(ERR|UND_ERR)_(\w*INVALID_|UNESCAPED_|MISSING_ARGS|NOT_SUPPORTED|BAD_OPTION|UNSUPPORTED_PROTOCOL)/;

/**
 * Messages of V8, JavaScriptCore and SpiderMonkey for a bug in the program. A `TypeError` in words that are not known is an outage: it may be
 * how a platform says that the connection was lost.
 */
const SLIP =
  /\b(undefined|null|not (a|an|iterable|defined|supported)|Cannot|[Cc]an't|Illegal|[Rr]ead-?only|circular|constant|must be)\b/;

/** Messages of `fetch` for a URL, a header or a body that it refuses. */
const REFUSED_REQUEST =
  /\b([Ii]nvalid ([Hh]eader|URL|[Vv]alue|method|argument)|(is|has) invalid|cannot have|disturbed|unusable|duplex|Failed to (parse|construct|execute))\b/;

/** A message may be megabytes long. */
const LONGEST = 500;

/**
 * Whether an error is the caller's own, and says nothing about the other end: a bad URL, a header or a body that `fetch`
 * refuses, a slip of the program, or a cancellation.
 */
export function isOwnMistake(error: unknown): boolean {
  if (isCancelled(error)) return true;
  // A server that refused, or a connection that was lost, was reached: what a client made of it is no mistake of the caller's.
  if (statusOf(error) !== undefined || isConnectionFailure(error)) return false;
  const chain = causesOf(error);
  return chain.some(isCancelled) || codesOf(chain).some((code) => REFUSED_ARGUMENT.test(code)) || chain.some(isSlip);
}

function isSlip(error: object): boolean {
  const name = propertyOf(error, 'name');
  return name === 'ReferenceError' || (name === 'TypeError' && isSlipInWords(propertyOf(error, 'message')));
}

function isSlipInWords(message: unknown): boolean {
  if (typeof message !== 'string') return false;
  const beginning = message.slice(0, LONGEST);
  return SLIP.test(beginning) || REFUSED_REQUEST.test(beginning);
}
