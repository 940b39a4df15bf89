import type { Policy } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import type { Counter } from '../registry/counter';
import type { Protection } from './wrapper';
import type { AnswerFor } from '../core/call';
import type { PolicyOptions } from './policies';

/** A function that breaker-box can protect: its result is a promise, or an async iterable. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AsyncFunction = (this: any, ...args: any[]) => PromiseLike<unknown> | AsyncIterable<unknown>;

/** Says, in the compiler's words, why something cannot be protected. */
export interface CannotProtect<Why extends string> {
  readonly __cannotProtect: Why;
}

/**
 * Resolves to `unknown` for functions whose result a wrapper can stand in for: it returns a plain promise, so one that
 * has more to it, such as a query builder, is refused.
 */
export type AsyncOnly<F> = 0 extends 1 & F ? unknown : F extends (...args: never[]) => infer R
  ? [R] extends [AsyncIterable<unknown>]
    ? unknown
    : [R] extends [PromiseLike<unknown>]
      ? Promise<Awaited<R>> extends R
        ? unknown
        : CannotProtect<'it returns more than a promise: wrap it in an async function'>
      : [Extract<R, PromiseLike<unknown>>] extends [never]
        ? CannotProtect<'it does not return a promise: use withBreakerSync, or make it async'>
        : CannotProtect<'it returns a promise only sometimes: make it async'>
  : CannotProtect<WhyNoFunction<F>>;

/** The type of an argument that is no function, which tells what to give instead. */
export type WhyNoFunction<F> = F extends PromiseLike<unknown>
  ? 'it is a promise, not a function: pass the function itself, without calling it'
  : F extends AsyncIterable<unknown>
    ? 'it is a stream, not a function: pass the function itself, without calling it'
    : F extends abstract new (...args: never[]) => unknown
      ? 'it is a class: protect(Class, { method: { ... } }) protects its methods'
      : 'it is not a function';

/**
 * The same function type, protected.
 *
 * @typeParam B - See {@link Protection}.
 */
export type ProtectedFunction<F, B extends Breaker | Counter = Breaker | Counter> = F & Protection<B>;

/**
 * A function by its result alone. It lets the compiler infer a parameter from its default value, as in
 * `withBreaker(async (id: string, fresh = false) => …)`: `AsyncOnly` would fix the type too early for that, and so
 * would a mere signature, which the property keeps from lending its parameters' types.
 */
export interface PromiseFunction {
  (...args: never): Promise<unknown> | AsyncIterable<unknown>;
  readonly name: string;
}

/** {@link ProtectedFunction}, or why it cannot be one. */
export type ProtectedIfAsync<F, B extends Breaker | Counter = Breaker | Counter> = unknown extends AsyncOnly<F> ? ProtectedFunction<F, B> : AsyncOnly<F>;

/** A policy that can protect a function `F`: a fallback must fit it, others fit any. */
type PolicyFor<F> = Policy & {
  readonly __answers?: F extends (...args: infer Args) => infer R ? (...args: Args) => AnswerFor<R> : never;
};

/**
 * A list of policies of a function `F`, in the order given, outermost first. The empty list makes the compiler look at each policy by
 * itself: it would take them all for the most general one.
 */
export type PolicyListOf<F> = readonly PolicyFor<F>[] | readonly [];

/** The policies of a function `F`: by name, or a list. */
export type PoliciesOf<F> = PolicyOptions<F> | PolicyListOf<F>;

/** A list `P`, in which words stand for a fallback that does not fit `F`. */
export type FittingPolicies<F, P extends readonly Policy[]> = {
  readonly [Index in keyof P]: P[Index] extends PolicyFor<F>
    ? P[Index]
    : CannotProtect<'the fallback must take (error, ...the arguments of the function) and give what the function gives, or a promise of it'>;
};
