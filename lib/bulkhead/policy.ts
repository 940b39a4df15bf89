import { systemClock } from '../core/clock';
import { resolve } from '../core/options';
import { stateSource, type StateSource } from '../core/partitions';
import { policyOf, shortFor, type LayerContext, type Policy, type PolicyKind } from '../core/policy';
import { stateOf } from '../core/policy-state';
import type { AdaptiveLimit } from './adaptive-limit';
import { AimdLimit } from './aimd-limit';
import { Bulkheads } from './bulkheads';
import { GradientLimit } from './gradient-limit';
import { bulkheadRules } from './lint';
import { bulkheadSchema, type BulkheadOptions, type ResolvedAdaptiveOptions, type ResolvedBulkheadOptions } from './options';
import { BulkheadRunner } from './runner';
import { Slots } from './slots';

export const bulkheadKind: PolicyKind<ResolvedBulkheadOptions> = {
  policy: 'bulkhead',
  expand: shortFor('maxConcurrent', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(bulkheadSchema, given, subject),
  layer(options, next, context) {
    const { operation, registry, clock, sink, isStream } = context;
    const source = stateOf(options, registry, () => slotsFor(options, operation));
    show(source, context.shown);
    return new BulkheadRunner(options, next, source, options.clock ?? clock ?? systemClock, sink, isStream);
  },
  lint: bulkheadRules,
};

/** A bulkhead, for the array form of `withPolicies`. */
export function bulkhead(options: number | BulkheadOptions): Policy {
  return policyOf(bulkheadKind, options);
}

function show(source: StateSource<Slots>, shown: LayerContext['shown']): void {
  if (shown === undefined) return;
  shown.bulkheads ??= new Bulkheads();
  shown.bulkheads.add(source);
}

function slotsFor(options: ResolvedBulkheadOptions, operation: string): StateSource<Slots> {
  const { maxConcurrent, adaptive } = options;
  return stateSource(options, operation, (key) => {
    return new Slots(adaptive === undefined ? maxConcurrent : limitFor(adaptive, maxConcurrent), key);
  });
}

/** Where a limit starts that was not told, as in Netflix' library. */
const INITIAL_LIMIT = 20;

function limitFor(options: ResolvedAdaptiveOptions, maxLimit: number): AdaptiveLimit {
  const { minLimit, initialLimit = Math.max(minLimit, Math.min(maxLimit, INITIAL_LIMIT)) } = options;
  const bounds = { initialLimit, minLimit, maxLimit };
  if (options.algorithm === 'aimd') {
    const { backoffRatio, slowCallDuration } = options;
    return new AimdLimit({ ...bounds, backoffRatio, slowCallDuration });
  }
  const { tolerance, smoothing, queueSize } = options;
  return new GradientLimit({ ...bounds, tolerance, smoothing, queueSize });
}
