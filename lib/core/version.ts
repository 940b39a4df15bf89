import { shared } from './shared';

/**
 * Counts the changes of what decides how calls run, and changes rarely: who listens, which registry a call uses, which breaker an operation
 * has. What a pipeline composed holds as long as the count stays, and to look at one number spares every call a look at each of them. All
 * copies of the package count here, for the operations of one may be called through another.
 */
export const version = /* @__PURE__ */ shared('version', () => ({ current: 0 }));
