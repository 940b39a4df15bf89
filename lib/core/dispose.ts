import { propertyOf } from './safe-inspect';

/** As much of a stream of the web, of Node or of undici as is needed to end it. */
interface Body {
  cancel?: () => unknown;
  dump?: () => unknown;
  on?: (event: 'error', listener: () => void) => unknown;
  destroy?: () => unknown;
}

/**
 * Gives up the body of an answer that nobody will read, so that its connection can serve others: of a `Response`, of what `undici.request`
 * gives, of an answer of Node, got or axios. Only what has an HTTP status is an answer: a stream or a socket without one may be a connection
 * that others use, and is left alone. So is a body that somebody reads.
 */
export function dispose(answer: unknown): void {
  if (!['status', 'statusCode'].some((name) => typeof propertyOf(answer, name) === 'number')) return;
  // A stream of Node may be the answer itself.
  const body = [propertyOf(answer, 'body'), propertyOf(answer, 'data'), answer].find(isUnread) as Body | undefined;
  const ignore = (): void => {
    // Its failures are nobody's.
  };
  try {
    body?.on?.('error', ignore);
    void Promise.resolve(body?.cancel?.() ?? body?.dump?.() ?? body?.destroy?.()).then(undefined, ignore);
  } catch {
    // It could not be given up: there is nobody to tell.
  }
}

function isUnread(part: unknown): boolean {
  const can = (name: string): boolean => typeof part === 'object' && typeof propertyOf(part, name) === 'function';
  if (can('getReader') && can('cancel') && propertyOf(part, 'locked') !== true) return true;
  // A stream that can be written to is a connection, such as a socket; but not a transform, through which a client passes a body to inflate it.
  return can('pipe') && can('destroy') && propertyOf(part, 'readableFlowing') !== true && (!can('write') || can('_transform'));
}
