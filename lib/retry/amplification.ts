import { warnOnce } from '../core/warn';
import { callsGivenUp, givenUpWith, type GivenUp, type Retrier } from './attempts';

/** Runs of one function within one call from which on retries that multiply are warned of. */
const WARNED_FROM = 4;

/** Counts what the attempts of one call cost, where a retry inside it retries too: n attempts of m runs each are n · m. */
export class Amplification {
  /** Runs of the innermost function, in all attempts so far. */
  runs = 0;
  /** What the first attempt may have cost. Nobody took the number of calls before it: most calls have no other. */
  #first: GivenUp | undefined;
  #givenUpBefore: number | undefined;

  constructor(private readonly retrier: Retrier) {}

  /** Called when another attempt begins. */
  begin(): void {
    this.#givenUpBefore = callsGivenUp();
  }

  /** Called with what an attempt failed with; undefined when its value was refused. */
  failed(error: unknown): void {
    this.runs++;
    const inner = givenUpWith(error);
    if (inner?.by === undefined || isSame(inner.by, this.retrier)) return;
    if (this.#givenUpBefore === undefined) this.#first = inner;
    // One error object may be thrown again and again: what was noted of it before this attempt is not about this attempt.
    else if (inner.serial > this.#givenUpBefore) this.#multiplied(inner, inner.by);
  }

  #multiplied(inner: GivenUp, by: Retrier): void {
    this.runs += inner.runs - 1;
    if (this.#first?.by !== undefined && isSame(this.#first.by, by)) this.runs += this.#first.runs - 1;
    this.#first = undefined;
    if (inner.runs > 1 && this.runs >= WARNED_FROM) this.#warn(by);
  }

  #warn(inner: Retrier): void {
    const { operation, policy, budget } = this.retrier;
    // A budget that both pay from bounds what they do together.
    if (budget !== undefined && budget === inner.budget) return;
    const advice =
      operation === inner.operation
        ? 'retry at one layer only'
        : `give the retry of '${inner.operation}' nested: 'suppress', give both one budget, or retry at one layer only`;
    warnOnce(
      policy,
      'BREAKER_BOX_RETRY_AMPLIFICATION',
      `the retry of '${operation}' repeats what a retry of '${inner.operation}' inside it had given up: ${this.runs} attempts for one call so far; ${advice}`,
    );
  }
}

function isSame(one: Retrier, other: Retrier): boolean {
  return one.policy === other.policy;
}
