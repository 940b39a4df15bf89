import { aboutCall, type Call } from '../core/call';
import { CircuitOpenError } from './circuit-open-error';
import { hasCode, withoutStack } from '../core/errors';
import { causeChain } from '../core/safe-inspect';
import type { Breaker } from './breaker';
import { isOpen } from './states';

/** Counts a rejected attempt. @returns Its error: a fresh one each time, for a shared one would show a stranger's stack. */
export function reject(breaker: Breaker, call?: Call): CircuitOpenError {
  breaker.rejected++;
  const { cause, current, name: operation, key, openedAt, options } = breaker;
  const isForced = breaker.front?.state === 'open';
  const state: 'half_open' | 'open' = !isForced && current.kind === 'half_open' ? 'half_open' : 'open';
  // The clock was read just now, to decide.
  const retryAfter = !isForced && isOpen(current) ? current.rejectedForMs : breaker.retryAfter;
  const error = withoutStack(() => new CircuitOpenError({ operation, key, state, retryAfter, openedAt, cause }), options.rejectionStacks);
  if (call?.record !== undefined) call.record.result.state = state;
  breaker.emit('reject', () => ({ state, retryAfter, ...(call && aboutCall(call)) }));
  return error;
}

/** Rejections by open circuits that one error has among its causes. */
const MOST_REJECTIONS = 3;

/** An error is looked through this far. */
const MOST_CAUSES = 100;

/**
 * What the rejections of an open circuit have as their `cause`: its last failure. Circuits that call each other fail with each other's rejections, which would
 * hold one another without end; after a few of them, the failure that all of it began with is the cause.
 */
export function causeOfRejections(failure: unknown): unknown {
  const causes = causeChain(failure, MOST_CAUSES);
  return causes.filter((cause) => hasCode(cause, 'BREAKER_OPEN')).length < MOST_REJECTIONS ? failure : causes.at(-1);
}
