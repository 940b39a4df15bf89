/** What a call is about, for its handler and its reporter. Anything else that helps them may be added. */
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
