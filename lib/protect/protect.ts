import type { AnyFunction } from '../core/call';
import { promises, type Mode } from '../core/run';
import { nameOf } from '../core/safe-inspect';
import { isAsyncGeneratorFunction, streams } from '../core/stream';
import type { Policy } from '../core/policy';
import type { BreakerOptions } from '../breaker/options';
import type { Place } from '../registry/place';
import { Site, type Derivation, type WrapperStack } from '../registry/site';
import type { BreakerRegistry } from '../registry/registry';
import { applyPolicies, commonGround, isBreaker, type AppliedPolicy } from './policy';
import { warnOfFindings, warnOfStack } from './lint';
import { Pipeline } from './pipeline';
import { pipelineOf } from './wrapper';

/** The function that is protected, and how it is to be named. */
export interface Protected {
  readonly fn: AnyFunction;
  /** As errors name it: `withBreaker(fetchUser)`, `@Retry on VideoService.download`. */
  readonly subject: string;
  /** How its name is found when no policy gives one. */
  readonly derive: Derivation;
  /** Where in the program that is done. */
  readonly place: Place | undefined;
  /** A site that is known to be the same operation. */
  readonly sameAs?: Site | undefined;
  /** Whether its policies belong inside those of the wrapper that is there. */
  readonly isInside?: boolean | undefined;
  /** Whether it gives a stream, where the function cannot tell. */
  readonly isStream?: boolean | undefined;
  /** How functions are called that give no stream. @defaultValue as functions that return promises */
  readonly mode?: Mode | undefined;
  /** Where more policies may be stacked on these at once, as decorators are: what hurts is then told of the whole stack. */
  readonly stackOf?: ((site: Site) => WrapperStack) | undefined;
  /** Told the receiver of a call, while the name is not known. */
  readonly onMeet?: ((self: unknown) => void) | undefined;
}

/**
 * The pipeline that protects a function. Around one of our own wrappers it extends that one's operation, and both stacks
 * become one pipeline.
 *
 * @throws {@link ConfigurationError}, and leaves nothing behind.
 */
export function pipelineFor(policies: readonly Policy[], target: Protected): Pipeline {
  return pipelineOfApplied(applyPolicies(policies, target.subject, givesStream(target.fn, target.isStream)), target);
}

/** {@link pipelineFor}, with policies that were checked before. */
export function pipelineOfApplied(applied: readonly AppliedPolicy[], target: Protected): Pipeline {
  const inner = pipelineOf(target.fn);
  const others = inner?.policies ?? [];
  const all = target.isInside === true ? [...others, ...applied] : [...applied, ...others];
  const beside = (target.sameAs?.stack?.pipelines ?? []).filter((one) => one !== inner).flatMap((one) => one.policies);
  const isStreamFunction = givesStream(target.fn, target.isStream);
  const common = commonGround([...all, ...beside], target.subject, isStreamFunction);
  const registry = common.registry as BreakerRegistry | undefined;
  const site = inner?.site ?? target.sameAs ?? new Site(target.derive, target.place, registry, target.onMeet);
  const mode = (common.stream ?? isStreamFunction) ? streams : (target.mode ?? promises);
  const pipeline = new Pipeline(site, all, inner?.fn ?? target.fn, mode);
  const home = { operation: common.name ?? site.baseName ?? nameOf(pipeline.fn), registry: registry ?? site.home };
  const joins = applied.map((policy) => policy.kind.join?.(policy.options, home));
  site.learn(common.name, all.find(isBreaker)?.given as BreakerOptions | undefined, registry);
  (target.stackOf?.(site) ?? site.stack)?.add(pipeline, inner);
  for (const join of joins) join?.();
  if (__DEV__ && target.stackOf !== undefined) warnOfStack(site, target.subject);
  else if (__DEV__) warnOfFindings(site, all, target.subject);
  return pipeline;
}

/** Whether a function is known to give a stream. @param told - What is known of it where it cannot tell itself. */
export function givesStream(fn: AnyFunction, told?: boolean): boolean {
  return pipelineOf(fn)?.isStream ?? told ?? isAsyncGeneratorFunction(fn);
}
