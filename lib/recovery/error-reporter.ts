/** How bad an error is for those who run the program. */
export const ErrorSeverity = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  INFO: 'info',
} as const;

export type ErrorSeverity = (typeof ErrorSeverity)[keyof typeof ErrorSeverity];

/** Describes a call for its handler and its reporter. Further fields may be added. */
export interface ErrorContext {
  /** Which operation the call is one of: it has its own breaker and windows. Name operations, not single jobs. */
  readonly operationName: string;
  readonly operationContext?: unknown;
  readonly serviceName?: string | undefined;
  readonly jobId?: string | undefined;
  readonly userConfig?: unknown;
  readonly environment?: unknown;
  /** Added for the reporter: what the handler suggests, when it suggests anything. */
  readonly recoverySuggestions?: readonly string[] | undefined;
  readonly [detail: string]: unknown;
}

/** Reports calls that were given up. */
export interface ErrorReporter {
  /** Told once for each such call, and awaited before the call rejects. */
  reportError(error: unknown, severity: ErrorSeverity, context: ErrorContext): void | PromiseLike<unknown>;
  /** Summarizes the reports of the last `hours`. */
  getErrorSummary(hours: number): ErrorSummary | Promise<ErrorSummary>;
}

/** A summary of the reports of a period. */
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

/** The fields of an error that a report keeps. Nothing else of it is written: a client's error may carry a request with its credentials. */
export interface ReportedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly cause?: ReportedError;
}
