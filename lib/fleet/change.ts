import { isRecord } from '../core/options';
import type { Change } from './shared-store';

/** A message of a store's subscribers, when it is one: anybody may publish anything. */
export function readChange(message: unknown): Change | undefined {
  if (!isRecord(message)) return undefined;
  const { v, breaker, epoch, override } = message;
  const isOne = v === 1 && typeof breaker === 'string' && Number.isSafeInteger(epoch) && (override === undefined || override === true);
  return isOne ? (message as unknown as Change) : undefined;
}
