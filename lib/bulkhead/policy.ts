import { grouped } from '../core/groups';
import { guardByKey } from '../core/keyed-guard';
import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type LayerContext, type Policy, type PolicyKind, type SlotUsage } from '../core/policy';
import { bringCounters } from '../registry/counter';
import { AimdLimit, type AdaptiveLimit } from './adaptive-limit';
import { Bulkheads } from './bulkheads';
import { GradientLimit } from './gradient-limit';
import { bulkheadSchema, type BulkheadOptions, type ResolvedAdaptiveOptions, type ResolvedBulkheadOptions } from './options';
import { Slots } from './slots';

export const bulkheadKind: PolicyKind<ResolvedBulkheadOptions> = {
  policy: 'bulkhead',
  equip: bringCounters,
  expand: shortFor('maxConcurrent', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(bulkheadSchema, given, subject),
  bind(options, context) {
    const { adaptive, maxConcurrent } = options;
    const create = (key: string | undefined): Slots => new Slots(options, context, adaptive && limitFor(adaptive, maxConcurrent), key);
    const slots = grouped('bulkhead', options, context, () => guardByKey(options, context.operation, 'bulkhead', create));
    show(slots, context.shown);
    return slots;
  },
  lint: {
    BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY: pairRule(
      named('bulkhead'),
      repeatingRetry,
      'the bulkhead is outside the retry, which holds a slot while it waits, so calls that do nothing keep others out; put the bulkhead inside',
    ),
  },
};

/** A bulkhead, for the array form of `withPolicies`. */
export function bulkhead(options: number | BulkheadOptions): Policy {
  return policyOf(bulkheadKind, options);
}

function show(slots: Iterable<SlotUsage>, shown: LayerContext['shown']): void {
  if (shown === undefined) return;
  shown.bulkheads ??= new Bulkheads();
  shown.bulkheads.add(slots);
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
