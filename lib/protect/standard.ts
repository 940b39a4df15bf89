import { type AnyFunction, boundReceiver, type BoundReceiver } from '../core/call';
import type { Policy } from '../core/policy';
import { isAsyncGeneratorFunction } from '../core/stream';
import { applyPolicies } from './policy';
import { pipelineOf } from './wrapper';
import { givesStream, pipelineFor, pipelineOfApplied, type Protected } from './protect';
import { stackOf } from './wrapper-stack';
import { announce, release } from '../registry/expected-sites';
import { Pipeline } from './pipeline';
import type { Place } from '../registry/place';
import { asMemberWrapper, memberLabel, misuse, wrapMember } from './member';
import { memberOf, type Context, type StandardMember } from './standard-member';
import type { PoliciesFor } from './decorator-types';

/** Decorates a method or field by the rules of standard (2023-11) decorators. */
export function decorateStandard(decorator: string, policiesFor: PoliciesFor, value: unknown, context: Context, place: Place | undefined): unknown {
  const subject = `${decorator} on ${context.kind === 'class' ? `class ${String(context.name)}` : memberLabel(context.name)}`;
  switch (context.kind) {
    case 'method':
      return decorateMethod(policiesFor, value as AnyFunction, context, subject, place);
    case 'field':
      return decorateField(policiesFor(subject), context, subject, place);
    default:
      throw misuse(subject, context.kind === 'accessor' ? 'an accessor' : `a ${context.kind}`, value);
  }
}

function decorateMethod(policiesFor: PoliciesFor, method: AnyFunction, context: Context, subject: string, place: Place | undefined): AnyFunction {
  const member = memberOf(context);
  const known = pipelineOf(method)?.site ?? member.site;
  try {
    const pipeline = pipelineFor(policiesFor(subject, givesStream(method)), { fn: method, subject, place, sameAs: member.site, ...naming(member) });
    member.site = pipeline.site;
    context.addInitializer(function () {
      member.initialize(this);
    });
    announce(pipeline.site);
    return wrapMember(pipeline, method);
  } catch (error) {
    // The class is not going to be: the decorators beneath must leave nothing behind either.
    if (known !== undefined) release(known);
    throw error;
  }
}

/** How a member's operation gets its name. */
function naming(member: StandardMember): Pick<Protected, 'derive' | 'onMeet' | 'stackOf'> {
  return {
    stackOf,
    derive: () => member.operationName,
    onMeet: (receiver) => {
      member.meet(receiver);
    },
  };
}

/** Counts field decorators as they are applied: inner ones first, whatever the order in which their initializers run. */
let fieldDecorations = 0;
const orders = new WeakMap<Pipeline, number>();

/** The pipeline's function and the field's own, behind the function that an instance's field holds. */
interface FieldFunction {
  /** Runs the calls of all instances, with a {@link BoundReceiver} as `this`. */
  readonly shared: AnyFunction;
  /** The function that the field held itself. */
  readonly fn: AnyFunction;
}

const fieldFunctions = new WeakMap<AnyFunction, FieldFunction>();

/** All instances share one operation, and so one pipeline; what each instance's field holds travels with the call. */
function decorateField(policies: readonly Policy[], context: Context, subject: string, place: Place | undefined): (this: unknown, initial: unknown) => unknown {
  const applied = applyPolicies(policies, subject);
  const order = ++fieldDecorations;
  const member = memberOf(context);
  /** One for each stack beneath this decorator, and there is one stack unless instances differ. */
  const wrappers = new WeakMap<AnyFunction, AnyFunction>();

  const makePipeline = (fn: AnyFunction, isStream: boolean | undefined): Pipeline => {
    const beneath = pipelineOf(fn);
    const isMember = beneath === undefined || beneath.site === member.site;
    const isInside = beneath !== undefined && order < (orders.get(beneath) ?? 0);
    const sameAs = isMember ? member.site : undefined;
    try {
      const pipeline = pipelineOfApplied(applied, { fn, isStream, subject, place, isInside, sameAs, ...naming(member) });
      if (isMember) member.site = pipeline.site;
      orders.set(pipeline, order);
      announce(pipeline.site);
      return pipeline;
    } catch (error) {
      // No instance is going to be: the decorators that came first must leave nothing behind either.
      if (sameAs !== undefined) release(sameAs);
      throw error;
    }
  };
  const protect = (fn: AnyFunction, isStream?: boolean): AnyFunction => {
    const wrapper = wrappers.get(fn) ?? wrapMember(makePipeline(fn, isStream), fn);
    wrappers.set(fn, wrapper);
    return wrapper;
  };

  return function (initial) {
    if (typeof initial !== 'function') throw misuse(subject, 'a field that holds no function', initial);
    member.initialize(this);
    const fn = initial as AnyFunction;
    const beneath = fieldFunctions.get(fn);
    if (beneath !== undefined) return fieldFunction(protect(beneath.shared), beneath.fn, fn);
    // A function that is protected already has a pipeline of its own, which goes on from here.
    if (pipelineOf(fn) !== undefined) return protect(fn);
    return fieldFunction(protect(callField, isAsyncGeneratorFunction(fn)), fn, fn);
  };
}

/** The function that an instance's field gets in place of `initial`. */
function fieldFunction(shared: AnyFunction, fn: AnyFunction, initial: AnyFunction): AnyFunction {
  const { site, policies, mode } = pipelineOf(shared) as Pipeline;
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return shared.apply(boundReceiver(this, fn), args);
  };
  fieldFunctions.set(wrapper, { shared, fn });
  // A pipeline with this instance's function, for whoever wraps that once more.
  return asMemberWrapper(wrapper, new Pipeline(site, policies, fn, mode), initial);
}

function callField(this: BoundReceiver, ...args: unknown[]): unknown {
  return this.fn.apply(this.self, args);
}
