import { propertyOf } from '../core/thrown';

/** A request that is spent when it is sent, unless a copy goes in its place: a `Request` with a body that nobody has read. */
export interface Spendable {
  clone(): Request;
}

export function isSpendable(input: unknown): input is Spendable {
  const isRequest = typeof propertyOf(input, 'clone') === 'function';
  return isRequest && propertyOf(input, 'body') !== null && propertyOf(input, 'bodyUsed') !== true;
}
