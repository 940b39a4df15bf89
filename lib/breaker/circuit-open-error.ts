import { formatDuration } from '../core/options';
import { BreakerBoxError, nameErrorClass } from '../core/errors';

/** What a {@link CircuitOpenError} tells. */
export interface CircuitOpenDetails {
  readonly operation: string;
  readonly key: string | undefined;
  readonly state: 'open' | 'half_open';
  readonly retryAfter: number;
  readonly openedAt: number | undefined;
  /** The last failure, as far as one was seen. */
  readonly cause: unknown;
}

/**
 * The circuit of the operation is open (or half open, with every probe slot taken): the function was not run.
 *
 * Show {@link CircuitOpenError.userMessage} to people, and answer a client with 503 and `Retry-After`.
 */
export class CircuitOpenError extends BreakerBoxError {
  readonly code = 'BREAKER_OPEN';
  // `declare`: else each field is written twice, first as undefined, in the one error whose making must be cheap.
  declare readonly state: 'open' | 'half_open';
  /** The key of a keyed operation's breaker. */
  declare readonly key: string | undefined;
  /** Milliseconds until the next probe; 0 while probes are under way, `Infinity` when only an operator ends it. */
  declare readonly retryAfter: number;
  /** When the circuit opened, in epoch milliseconds; undefined when it was forced open. */
  declare readonly openedAt: number | undefined;

  constructor(details: CircuitOpenDetails) {
    const { operation, key, state } = details;
    super(`The circuit of ${key === undefined ? operation : `${operation}[${key}]`} is ${state}`, operation, details);
    this.state = state;
    this.key = key;
    this.retryAfter = details.retryAfter;
    this.openedAt = details.openedAt;
  }

  /** A sentence for the people who wait: “temporarily unavailable, try again in 12 s”. */
  get userMessage(): string {
    const when =
      this.retryAfter > 0 && Number.isFinite(this.retryAfter) ? `in ${formatDuration(this.retryAfter)}` : 'later';
    return `temporarily unavailable, try again ${when}`;
  }
}

nameErrorClass(CircuitOpenError, 'CircuitOpenError');
