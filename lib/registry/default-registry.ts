import { sharedKey } from '../core/shared';
import { BreakerRegistry } from './registry';

const KEY = sharedKey('registry');

/** The default registry. It lives on `globalThis`, so that copies of the package in one process share their breakers, when their protocol is the same. */
export const registry: BreakerRegistry = ((globalThis as unknown as Record<symbol, BreakerRegistry | undefined>)[KEY] ??= new BreakerRegistry());
