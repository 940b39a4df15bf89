import type { Policy } from '../core/policy';
import type { PolicyOptions } from './policies';
import type { FallbackFunction, FallbackOptions } from '../fallback/options';
import type { AsyncOnly, CannotProtect } from './wrapper-types';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AsyncMethod = (this: any, ...args: any[]) => PromiseLike<unknown> | AsyncIterable<unknown>;

/** As much of a decorator's context as is needed. `DecoratorContext` itself would refuse methods that declare their `this`. */
type Context = string | symbol | { readonly kind: string; readonly name: string | symbol };

/** The function that is decorated, or why there is none. */
type Decorated<V, C, D> = C extends { kind: 'method' }
  ? V
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any
    C extends { kind: 'field'; access: { get(o: any): infer F } }
    ? F
    : C extends string | symbol
      ? D extends TypedPropertyDescriptor<infer F>
        ? F
        : CannotProtect<'only methods can be protected; a field only with standard decorators'>
      : CannotProtect<'only methods, and fields that hold a function, can be protected'>;

/** `unknown` for a function that can be protected, and that the answers of `Use`, if there is one, fit. */
type Check<F, Use> = F extends CannotProtect<string>
  ? F
  : unknown extends AsyncOnly<F>
    ? [Use] extends [never]
      ? unknown
      : Use extends FallbackFunction<F>
        ? unknown
        : CannotProtect<'the fallback must take (error, ...the arguments of the method) and give what the method gives, or a promise of it'>
    : AsyncOnly<F>;

/** The result of a decorator: nothing for a method; for a field, the wrapper of its initial value. */
type Replacement<C> = C extends { kind: 'field' } ? <F>(initial: F) => F : void;

/**
 * A decorator for methods that return a promise or an async iterable, and for fields that hold such a function (standard
 * decorators only). One type serves the standard decorators and those of `experimentalDecorators`.
 *
 * @typeParam Use - A function that must be able to answer for what is decorated; `never` without one.
 */
export interface PolicyDecorator<Use = never> {
  <F extends AsyncMethod>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F> & Check<F, Use>): void;
  <V, const C extends Context, D = undefined>(target: V, context: C & Check<Decorated<V, C, D>, Use>, descriptor?: D): Replacement<C>;
}

/** A decorator that is used bare or with options. */
export interface BarePolicyDecorator<Options> extends PolicyDecorator {
  (): PolicyDecorator;
  (options: Options): PolicyDecorator;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyFallback = (this: any, error: unknown, ...args: any[]) => unknown;

type FallbackInFull<Use> = Omit<FallbackOptions, 'use'> & { use: Use };

/** `@Fallback`: what it makes decorates only what its function can answer for. */
export interface FallbackDecorator {
  <Use extends AnyFallback>(options: FallbackInFull<Use>): PolicyDecorator<Use>;
  <Use extends AnyFallback>(use: Use): PolicyDecorator<Use>;
}

/** `@Resilient`: with a fallback, what it makes decorates only what that can answer for. */
export interface ResilientDecorator {
  (policies: readonly Policy[]): PolicyDecorator;
  <Use extends AnyFallback>(policies: Omit<PolicyOptions, 'fallback'> & { fallback: Use }): PolicyDecorator<Use>;
  <Use extends AnyFallback>(policies: Omit<PolicyOptions, 'fallback'> & { fallback: FallbackInFull<Use> }): PolicyDecorator<Use>;
  (policies: PolicyOptions): PolicyDecorator;
}

/** The policies of a decorator, made where what it decorates has a name for errors, and is known to give a stream or not. */
export type PoliciesFor = (subject: string, isStream?: boolean) => readonly Policy[];
