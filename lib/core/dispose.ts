import { propertyOf } from './thrown';

/**
 * Gives up the body of an answer that nobody will read, so that its connection can serve others: of a `Response`, of what `undici.request`
 * gives, of an answer of Node or axios that is a stream. Anything else has no body, and is left alone; so is a body that somebody reads.
 */
export function dispose(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null) return;
  const body = [propertyOf(answer, 'body'), propertyOf(answer, 'data'), answer].find((part) => isStream(part));
  if (body === undefined) return;
  try {
    end(body as Body);
  } catch {
    // It could not be given up: there is nobody to tell.
  }
}

/** As much of a stream of the web, of Node or of undici as is needed to end it. */
interface Body {
  cancel?: () => unknown;
  dump?: () => unknown;
  on?: (event: 'error', listener: () => void) => unknown;
  destroy?: () => unknown;
}

function isStream(part: unknown): boolean {
  const isWebs = isMethod(part, 'getReader') && isMethod(part, 'cancel') && propertyOf(part, 'locked') !== true;
  const isNodes = isMethod(part, 'pipe') && isMethod(part, 'destroy') && propertyOf(part, 'readableFlowing') !== true;
  return isWebs || isNodes;
}

function isMethod(part: unknown, name: keyof ReadableStream | 'pipe' | 'destroy'): boolean {
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
