import { constrained } from '../core/check';
import { levelSchema } from '../breaker/options';

/** The name of an operation, and what belongs to one site, cannot be a default for all operations. */
export const defaultsSchema = /* @__PURE__ */ constrained(levelSchema, (given, blame) => {
  for (const name of ['name', 'key', 'stream', 'registry', 'signal', 'allow'] as const) {
    if (given[name] !== undefined) blame(name, __DEV__ && 'is said where a function is protected, and cannot be a default');
  }
  if (given.scope === 'instance') blame('scope', __DEV__ && "'instance' is said where a method is protected, and cannot be a default");
});
