import type { AnyFunction } from '../core/call';
import type { LayerContext } from '../core/policy';
import type { Runner } from '../core/runner';
import { shared } from '../core/shared';

/** What a test puts into every pipeline that is compiled. */
export interface Instrument {
  /** Something around the function. */
  around(fn: Runner, context: LayerContext): Runner;
  /** Something around the whole pipeline, which knows what {@link Instrument.around} made. */
  over(pipeline: Runner, innermost: Runner): Runner;
  /** {@link Instrument.around}, for a synchronous function. */
  aroundSync(fn: AnyFunction, context: Pick<LayerContext, 'operation' | 'registry'>): AnyFunction;
  /** Whether the breaker of a synchronous function is to be passed by. */
  readonly passesBy: boolean;
}

/** There is none, unless somebody tests. */
export const instruments = shared<{ current: Instrument | undefined }>('instruments', () => ({ current: undefined }));
