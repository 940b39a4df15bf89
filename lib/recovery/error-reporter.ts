import type { ErrorContext } from './error-context';
import type { ErrorSeverity } from './error-severity';

/** Who is told of calls that were given up. */
export interface ErrorReporter {
  /** Told once for each such call, and awaited before the call rejects. */
  reportError(error: unknown, severity: ErrorSeverity, context: ErrorContext): void | PromiseLike<unknown>;
  /** What was reported in the last `hours`. */
  getErrorSummary(hours: number): ErrorSummary | Promise<ErrorSummary>;
}

/** What was reported in a period. */
export interface ErrorSummary {
  /** The period's length. */
  readonly hours: number;
  readonly totalErrors: number;
  readonly bySeverity: Readonly<Record<ErrorSeverity, number>>;
  /** The last ten reports, the newest at the end. */
  readonly recent: readonly ErrorReport[];
}

/** One call that was given up, as plain JSON. */
export interface ErrorReport {
  /** ISO 8601, UTC. */
  readonly reportedAt: string;
  readonly severity: ErrorSeverity;
  readonly operationName: string;
  readonly reason: string;
  /** How many attempts the call had made, where that is known. */
  readonly attempts?: number;
  readonly error: ReportedError;
  readonly context: Readonly<Record<string, unknown>>;
}

/** What a report keeps of an error. Nothing else of it is written: a client's error may carry a request with its credentials. */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly cause?: ReportedError;
}
