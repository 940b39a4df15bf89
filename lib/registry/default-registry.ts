import { BreakerRegistry } from './registry';

const KEY = Symbol.for('breaker-box.registry');

/** The default registry. It lives on `globalThis`, so that copies of the package in one process share their breakers. */
export const registry: BreakerRegistry = ((globalThis as { [KEY]?: BreakerRegistry })[KEY] ??= new BreakerRegistry());
