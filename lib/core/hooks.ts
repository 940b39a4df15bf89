import type { Driver, LayerContext } from './policy';
import type { Mode } from './run';
import { shared } from './shared';

/** What a test puts into a pipeline. */
export interface PipelineHook {
  /** Around all policies. It is folded in after `innermost`. */
  readonly outermost: Driver;
  /** Inside all policies, around the function. */
  readonly innermost: Driver;
}

/** Where the test kit takes part; all copies of the package share it. */
export interface Hooks {
  /** Asked whenever a pipeline is composed. */
  pipeline?: ((context: LayerContext, mode: Mode) => PipelineHook) | undefined;
}

export const hooks = shared<Hooks>('hooks', () => ({}));
