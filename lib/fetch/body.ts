import { propertyOf } from '../core/thrown';

/** A request that is spent when it is sent, unless a copy goes in its place: a `Request` with a body that nobody has read. */
export interface Spendable {
  clone(): Request;
}

export function isSpendable(input: unknown): input is Spendable {
  const isRequest = typeof propertyOf(input, 'clone') === 'function';
  return isRequest && propertyOf(input, 'body') !== null && propertyOf(input, 'bodyUsed') !== true;
}

/** Gives up the body of a response that nobody will read, so that its connection can serve others. */
export function discard(response: Response): void {
  // A body that is being read, or has failed, is none of our business.
  response.body?.cancel().catch(() => undefined);
}
