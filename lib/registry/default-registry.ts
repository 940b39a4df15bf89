import { protocolSymbol } from '../core/shared';
import { BreakerRegistry } from './registry';

const KEY: unique symbol = /* @__PURE__ */ protocolSymbol('registry') as never;

/** The default registry. It lives on `globalThis`, so that copies of the package in one process share their breakers, if they have the same protocol. */
export const registry: BreakerRegistry = ((globalThis as { [KEY]?: BreakerRegistry })[KEY] ??= new BreakerRegistry());
