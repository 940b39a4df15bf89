import { causeChain, cut, describeThrown, propertyOf } from '../core/thrown';
import type { ReportedError } from './error-reporter';

/** An error and its causes that are described. */
const MOST_CAUSES = 9;

const MOST_OF_STACK = 10_000;

/** What a report keeps of an error: who it is, and where it came from; none of the other things it carries. Never throws. */
export function describeError(error: unknown): ReportedError {
  const [outermost = describeOne(error), ...causes] = causeChain(error, MOST_CAUSES).map(describeOne);
  const cause = causes.reduceRight<ReportedError | undefined>((inner, one) => ({ ...one, ...(inner && { cause: inner }) }), undefined);
  return { ...outermost, ...(cause && { cause }) };
}

function describeOne(error: unknown): ReportedError {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return { ...describeThrown(error), name: typeof error };
  const stack = propertyOf(error, 'stack');
  return { ...describeThrown(error), ...(typeof stack === 'string' && { stack: cut(stack, MOST_OF_STACK) }) };
}
