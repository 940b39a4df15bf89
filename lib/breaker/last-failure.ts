import { hasCode } from '../core/errors';
import { causeChain } from '../core/thrown';

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
