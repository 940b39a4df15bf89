import type { Call } from '../core/call';
import { isCancelled } from '../core/cancelled';
import { systemClock, type Clock } from '../core/clock';
import { toPredicate } from '../core/matcher';
import { ask } from '../core/outcome';
import type { PolicySink } from '../core/policy';
import { receiverOf } from '../core/receiver';
import { passedOn } from '../core/rejection';
import type { Args, OnFailure, OnSuccess, Runner } from '../core/runner';
import { substitute } from '../core/substitute';
import { tell } from '../core/tell';
import type { FallbackEvent } from './events';
import type { ResolvedFallbackOptions } from './options';

interface Surroundings {
  readonly operation: string;
  readonly isStream: boolean;
  readonly clock: Clock | undefined;
  readonly sink: PolicySink;
}

/** Answers for calls that fail. A stream is answered for until its first item is there; later errors are its consumer's. */
export class FallbackRunner implements Runner {
  readonly #next: Runner;
  readonly #answer: Runner;
  readonly #sink: PolicySink;
  readonly #clock: Clock;
  readonly #handles: (error: unknown) => boolean;
  readonly #ignores: ((error: unknown) => boolean) | undefined;

  constructor({ use, handle, ignore, clock }: ResolvedFallbackOptions, next: Runner, around: Surroundings) {
    this.#next = next;
    this.#answer = substitute(use, 'use of the fallback', around);
    this.#sink = around.sink;
    this.#clock = clock ?? around.clock ?? systemClock;
    this.#handles = handle === undefined ? isNotCancelled : toPredicate(handle);
    this.#ignores = ignore && toPredicate(ignore);
  }

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    return this.#next.run(call, self, args, onSuccess, (error) => {
      if (!this.#answers(error, call)) return passedOn(error, onFailure);
      tell<FallbackEvent>(this.#sink, 'fallback', this.#clock, call, { error });
      if (call.watch !== undefined) call.watch.verdict.counted = undefined;
      return this.#answer.run(call, receiverOf(self), [error, ...args], onSuccess, onFailure);
    });
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.#next.blockedForMs(self, args);
  }

  #answers(error: unknown, call: Call): boolean {
    // Nobody waits for an answer any more.
    if (call.cancellation?.aborted === true) return false;
    if (this.#ignores !== undefined && ask(this.#ignores, 'ignore', error, false)) return false;
    return ask(this.#handles, 'handle', error, true);
  }
}

/** A cancelled call is not worth an answer; the call's own cancellation aside, the function may have followed a signal of its caller's. */
function isNotCancelled(error: unknown): boolean {
  return !isCancelled(error);
}
