import type { ReportedError } from './error-reporter';

/** Causes are described this far; also what ends a cycle. */
const DEEPEST_CAUSE = 8;

/** What a report keeps of an error: who it is, and where it came from; none of the other things it carries. */
export function describeError(error: unknown, depth = 0): ReportedError {
  if (typeof error !== 'object' || error === null) return { name: typeof error, message: String(error) };
  const { name, message, stack, code, status, cause } = error as Record<string, unknown>;
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : '',
    ...(typeof stack === 'string' && { stack }),
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(typeof status === 'number' && { status }),
    ...(cause !== undefined && cause !== null && depth < DEEPEST_CAUSE && { cause: describeError(cause, depth + 1) }),
  };
}
