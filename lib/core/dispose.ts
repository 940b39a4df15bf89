import { propertyOf } from './thrown';

/**
 * Gives up the body of an answer that nobody will read, so that its connection can serve others: of a `Response`, of what `undici.request`
 * gives, of an answer of Node, got or axios. Only what tells an HTTP status is an answer: a stream or a socket without one may be a connection
 * that others use, and is left alone. So is a body that somebody reads.
 */
export function dispose(answer: unknown): void {
  const body = bodyOf(answer);
  if (body === undefined) return;
  try {
    end(body as Body);
  } catch {
    // It could not be given up: there is nobody to tell.
  }
}

/** The unread stream of an answer. A stream of Node may be the answer itself. */
function bodyOf(answer: unknown): unknown {
  const isAnswer = typeof propertyOf(answer, 'status') === 'number' || typeof propertyOf(answer, 'statusCode') === 'number';
  return isAnswer ? [propertyOf(answer, 'body'), propertyOf(answer, 'data'), answer].find((part) => isUnread(part)) : undefined;
}

/** As much of a stream of the web, of Node or of undici as is needed to end it. */
interface Body {
  cancel?: () => unknown;
  dump?: () => unknown;
  on?: (event: 'error', listener: () => void) => unknown;
  destroy?: () => unknown;
}

function isUnread(part: unknown): boolean {
  const isWebs = isMethod(part, 'getReader') && isMethod(part, 'cancel') && propertyOf(part, 'locked') !== true;
  const isNodes = isMethod(part, 'pipe') && isMethod(part, 'destroy') && propertyOf(part, 'readableFlowing') !== true;
  return isWebs || (isNodes && !isConnection(part));
}

/** What can be written to is a connection, such as a socket; but not a transform, through which a client passes a body to inflate it. */
function isConnection(part: unknown): boolean {
  return isMethod(part, 'write') && !isMethod(part, '_transform');
}

function isMethod(part: unknown, name: string): boolean {
  return typeof part === 'object' && typeof propertyOf(part, name) === 'function';
}

function end(body: Body): void {
  // Its failures are nobody's.
  body.on?.('error', ignore);
  const ended = body.cancel?.() ?? body.dump?.() ?? body.destroy?.();
  void Promise.resolve(ended).then(undefined, ignore);
}

function ignore(): void {
  // There is nothing to do.
}
