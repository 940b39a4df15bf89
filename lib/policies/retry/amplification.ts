import { warnOnce } from '../../core/warn';
import { callsGivenUp, givenUpWith, type Retrier } from './attempts';

/** Runs of one function within one call from which on retries that multiply are told of. */
const TOLD_FROM = 4;

/** Counts what the attempts of one call cost, where a retry inside it retries too: n attempts of m runs each are n · m. */
export class Amplification {
  /** Runs of the innermost function, in all attempts so far. */
  runs = 0;
  #attempts = 0;
  #givenUpBefore = 0;

  constructor(private readonly retrier: Retrier) {}

  /** Tells that another attempt begins. */
  begin(): void {
    this.#givenUpBefore = callsGivenUp();
  }

  /** Tells what an attempt failed with; undefined when its value was refused. */
  failed(error: unknown): void {
    this.#attempts++;
    const inner = givenUpWith(error);
    // One error object may be thrown again and again: what was noted of it before this attempt is not about this attempt.
    const isInner =
      inner?.by !== undefined && inner.serial > this.#givenUpBefore && inner.by.memory.policy !== this.retrier.memory.policy;
    this.runs += isInner ? inner.runs : 1;
    // Nobody took the number before the first attempt: most calls have no other. It counts once a second bears it out.
    if (isInner && inner.runs > 1 && this.#attempts > 1 && this.runs >= TOLD_FROM) this.#tell(inner.by);
  }

  #tell(inner: Retrier): void {
    const { operation, memory } = this.retrier;
    // A budget that both pay from bounds what they do together.
    if (memory.budget !== undefined && memory.budget === inner.memory.budget) return;
    const advice =
      operation === inner.operation
        ? 'retry at one layer only'
        : `give the retry of '${inner.operation}' nested: 'suppress', give both one budget, or retry at one layer only`;
    warnOnce(
      memory.policy,
      'BREAKER_BOX_RETRY_AMPLIFICATION',
      `the retry of '${operation}' repeats what a retry of '${inner.operation}' inside it had given up: ${this.runs} attempts for one call so far; ${advice}`,
    );
  }
}
