import type { Policy } from '../core/policy';
import type { AsyncOnly, CannotProtect } from '../wrap/types';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AsyncMethod = (this: any, ...args: any[]) => PromiseLike<unknown> | AsyncIterable<unknown>;

/** As much of a decorator's context as is needed. `DecoratorContext` itself would refuse methods that declare their `this`. */
type Context = string | symbol | { readonly kind: string; readonly name: string | symbol };

type Check<V, C, D> = C extends { kind: 'method' }
  ? AsyncOnly<V>
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any
    C extends { kind: 'field'; access: { get(o: any): infer F } }
    ? AsyncOnly<F>
    : C extends string | symbol
      ? D extends TypedPropertyDescriptor<infer F>
        ? AsyncOnly<F>
        : CannotProtect<'only methods can be protected; a field only with standard decorators'>
      : CannotProtect<'only methods, and fields that hold a function, can be protected'>;

/** What a decorator returns: nothing for a method; for a field, the wrapper of its initial value. */
type Replacement<C> = C extends { kind: 'field' } ? <F>(initial: F) => F : void;

/**
 * A decorator for methods that return a promise or an async iterable, and for fields that hold such a function (standard
 * decorators only). One type serves the standard decorators and those of `experimentalDecorators`.
 */
export interface PolicyDecorator {
  <F extends AsyncMethod>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F> & Check<F, string, TypedPropertyDescriptor<F>>): void;
  <V, const C extends Context, D = undefined>(target: V, context: C & Check<V, C, D>, descriptor?: D): Replacement<C>;
}

/** A decorator that is used bare or with options. */
export interface BarePolicyDecorator<Options> extends PolicyDecorator {
  (): PolicyDecorator;
  (options: Options): PolicyDecorator;
}

/** The policies of a decorator, made where what it decorates has a name for errors. */
export type PoliciesFor = (subject: string) => readonly Policy[];
