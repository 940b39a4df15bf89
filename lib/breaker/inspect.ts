import { sharedKey } from '../core/shared';
import { propertyOf } from '../core/thrown';
import type { Breaker } from './breaker';

/** Marks a breaker of any copy of the package, whose class is not ours. */
const BREAKER: unique symbol = /* @__PURE__ */ sharedKey('breaker') as never;

type Inspect = (value: object, options: object) => string;

/** Whether a value is a breaker, of this copy of the package or of another. */
export function isBreaker(value: unknown): value is Breaker {
  return propertyOf(value, BREAKER) !== undefined;
}

/** Marks the class, and says what `console.log` and `%o` print in Node, Deno and Bun: with `showHidden`, they would show the last failure. */
export function describeBreaker(prototype: Breaker): void {
  Object.defineProperty(prototype, BREAKER, { value: true });
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: Breaker, depth: number, options: object, inspect: Inspect) {
      return `Breaker ${inspect(this.toJSON(), { ...options, depth })}`;
    },
  });
}
