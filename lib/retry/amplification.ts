import { warnOnce } from '../core/warn';
import { callsGivenUp, givenUpWith, type GivenUp } from './attempts';

/** Runs of one function within one call from which on retries that multiply are warned of. */
const WARNED_FROM = 4;

/** Counts what the attempts of one call cost, where a retry inside it retries too: n attempts of m runs each are n · m. */
export class Amplification {
  /** Runs of the innermost function that is known, in all attempts so far: more than the attempts when a retry inside it gave up too. */
  runs = 0;
  /** What the first attempt may have cost. Nobody took the number of calls before it: most calls have no other. */
  #first: GivenUp | undefined;
  #givenUpBefore: number | undefined;

  /** @param policy - The same at each call of the operation, and no other's. */
  constructor(
    readonly operation: string,
    readonly policy: object,
    readonly budget: object | undefined,
  ) {}

  /** Called when another attempt begins. */
  begin(): void {
    this.#givenUpBefore = callsGivenUp();
  }

  /** Called with what an attempt failed with; undefined when its value was refused. */
  failed(error: unknown): void {
    this.runs++;
    const inner = givenUpWith(error);
    if (inner?.by === undefined || isSame(inner.by, this)) return;
    if (this.#givenUpBefore === undefined) this.#first = inner;
    // One error object may be thrown again and again: what was noted of it before this attempt is not about this attempt.
    else if (inner.serial > this.#givenUpBefore) this.#multiplied(inner.by);
  }

  #multiplied(by: Amplification): void {
    this.runs += by.runs - 1;
    if (this.#first?.by !== undefined && isSame(this.#first.by, by)) this.runs += this.#first.by.runs - 1;
    this.#first = undefined;
    if (by.runs > 1 && this.runs >= WARNED_FROM) this.#warn(by);
  }

  #warn(inner: Amplification): void {
    const { operation, policy, budget } = this;
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

function isSame(one: Amplification, other: Amplification): boolean {
  return one.policy === other.policy;
}
