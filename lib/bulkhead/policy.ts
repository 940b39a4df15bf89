import { grouped, joinGroup } from '../core/groups';
import { guardByKey, type KeyedGuard } from '../core/keyed-states';
import { named, pairRule, repeatingRetry } from '../core/lint-rule';
import { resolve } from '../core/options';
import { policyOf, shortFor, type Policy, type PolicyKind, type ShownBulkheads, type SlotUsage } from '../core/policy';
import { weakRef, type Ref } from '../core/platform';
import type { PolicyDecorator } from '../protect/decorator-types';
import { policyDecorator } from '../protect/policy-decorator';
import { bringCounters } from '../registry/counter';
import { limitFor } from './adaptive-limit';
import { bulkheadSchema, type BulkheadOptions, type ResolvedBulkheadOptions } from './options';
import { Slots } from './slots';

export const bulkheadKind: PolicyKind<ResolvedBulkheadOptions, Slots | KeyedGuard<Slots>> = {
  policy: 'bulkhead',
  equip: bringCounters,
  expand: shortFor('maxConcurrent', (given) => typeof given === 'number'),
  resolve: (given, subject) => resolve(bulkheadSchema, given, subject),
  join: (options, context) => joinGroup('bulkhead', options, context),
  bind(options, context) {
    const { adaptive, maxConcurrent } = options;
    const create = (key: string | undefined): Slots => new Slots(options, context, adaptive && limitFor(adaptive, maxConcurrent), key);
    return grouped('bulkhead', options, context, () => guardByKey(options, context.operation, 'bulkhead', create));
  },
  show(slots, shown) {
    (shown.bulkheads ??= new Bulkheads()).add(slots);
  },
  lint: __DEV__
    ? {
        BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY: pairRule(
          named('bulkhead'),
          repeatingRetry,
          'the bulkhead is outside the retry, which holds a slot while it waits, so calls that do nothing keep others out; put the bulkhead inside',
        ),
      }
    : {},
};

/** The bulkheads of an operation, one for each wrapper that has one. Held weakly: an explicit name outlives its wrappers. */
export class Bulkheads implements ShownBulkheads {
  /** The slots of each; of a keyed bulkhead, those of all keys. */
  readonly #live = new Set<Ref<Iterable<SlotUsage>>>();

  /** Wrappers of one group bring the same slots. */
  add(slots: Iterable<SlotUsage>): void {
    for (const ref of this.#live) {
      const there = ref.deref();
      if (there === slots) return;
      if (there === undefined) this.#live.delete(ref);
    }
    this.#live.add(weakRef(slots));
  }

  *[Symbol.iterator](): Iterator<SlotUsage> {
    for (const ref of this.#live) yield* ref.deref() ?? [];
  }
}

/** A bulkhead, for the list of `withPipeline`. */
export function bulkhead(options: number | BulkheadOptions): Policy {
  return policyOf(bulkheadKind, options);
}

/**
 * Bounds the calls of a method that run at a time, for all instances together; more wait in a queue, if there is one, or are
 * rejected with {@link BulkheadFullError}. Takes the number, or {@link BulkheadOptions}.
 *
 * @throws {@link ConfigurationError} when the class is defined, naming class, member and every problem.
 */
export const Bulkhead = /* @__PURE__ */ policyDecorator<(options: number | BulkheadOptions) => PolicyDecorator>(
  '@Bulkhead',
  (given) => [bulkhead(given as number | BulkheadOptions)],
  false,
);
