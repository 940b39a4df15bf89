import type { AnyFunction } from '../core/call';
import { isAsyncGeneratorFunction } from '../core/stream';
import type { Policy } from '../core/policy';
import type { BreakerOptions } from '../breaker/options';
import type { Place } from '../registry/place';
import type { Derivation } from '../registry/site';
import type { BreakerRegistry } from '../registry/registry';
import { applyPolicies, commonGround, type AppliedPolicy } from './applied-policy';
import { planOf } from './dress';
import { OperationSite } from './operation-site';
import { Plan } from './plan';
import { warnOfFindings, warnOfStack } from './warn-of-findings';

/** What is protected, and how it is to be named. */
export interface Protected {
  readonly fn: AnyFunction;
  /** As errors name it: `withBreaker(fetchUser)`, `@Retry on VideoService.download`. */
  readonly subject: string;
  /** How its name is found when no policy gives one. */
  readonly derive: Derivation;
  /** Where in the program that is done. */
  readonly place: Place;
  /** A site that is known to be the same operation. */
  readonly sameAs?: OperationSite | undefined;
  /** Whether its policies belong inside those of the wrapper that is there. */
  readonly isInside?: boolean | undefined;
  /** Whether it gives a stream, where the function cannot tell. */
  readonly isStream?: boolean | undefined;
  /** Whether more policies may be stacked on these at once, as decorators are: what hurts is then told of the whole stack. */
  readonly isStacked?: boolean | undefined;
  /** Told the receiver of a call, while the name is not known. */
  readonly onMeet?: ((self: unknown) => void) | undefined;
}

/**
 * Plans the protection of a function. Around one of our own wrappers it extends that one's operation, and both stacks
 * become one pipeline.
 *
 * @throws {@link ConfigurationError}, and leaves nothing behind.
 */
export function plan(policies: readonly Policy[], target: Protected): Plan {
  return planApplied(applyPolicies(policies, target.subject, givesStream(target.fn, target.isStream)), target);
}

/** {@link plan}, with policies that were checked before. */
export function planApplied(applied: readonly AppliedPolicy[], target: Protected): Plan {
  const inner = planOf(target.fn);
  const others = inner?.policies ?? [];
  const all = target.isInside === true ? [...others, ...applied] : [...applied, ...others];
  const site = inner?.site ?? target.sameAs;
  const beside = (target.sameAs?.plans ?? []).filter((one) => one !== inner).flatMap((one) => one.policies);
  const isStreamFunction = givesStream(target.fn, target.isStream);
  const { name, stream, registry } = commonGround([...all, ...beside], target.subject, isStreamFunction);
  const breakerOptions = all.find(({ kind }) => kind.policy === 'breaker')?.given as BreakerOptions | undefined;
  const planned = new Plan(
    site ?? new OperationSite({ kind: 'derived', derive: target.derive }, target.place, registry as BreakerRegistry | undefined, target.onMeet),
    all,
    inner?.fn ?? target.fn,
    stream ?? isStreamFunction,
  );
  planned.site.learn(name, breakerOptions, registry as BreakerRegistry | undefined);
  planned.site.add(planned, inner);
  if (target.isStacked === true) warnOfStack(planned.site, target.subject);
  else warnOfFindings(planned.site, all, target.subject);
  return planned;
}

/** Whether a function is known to give a stream. @param told - What is known of it where it cannot tell itself. */
export function givesStream(fn: AnyFunction, told?: boolean): boolean {
  return planOf(fn)?.isStream ?? told ?? isAsyncGeneratorFunction(fn);
}
