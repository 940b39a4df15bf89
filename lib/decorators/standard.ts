import type { AnyFunction } from '../core/call';
import type { Policy } from '../core/policy';
import { applyPolicies } from '../pipeline/applied-policy';
import type { OperationSite } from '../pipeline/operation-site';
import { plan, planApplied, type Protected } from '../pipeline/protect';
import type { Plan } from '../pipeline/plan';
import { dress, planOf, wrap } from '../pipeline/wrapper';
import { declaringClass, memberLabel, MemberMap, operationName } from './member';
import { misuse } from './misuse';
import type { PoliciesFor } from './types';

/** As much of a standard decorator's context as is used. */
export interface Context {
  readonly kind: string;
  readonly name: string | symbol;
  readonly static: boolean;
  readonly private: boolean;
  addInitializer(initializer: (this: unknown) => void): void;
}

const sites = new MemberMap<OperationSite>();

/** Decorates a method or field by the rules of standard (2023-11) decorators. */
export function decorateStandard(decorator: string, policiesFor: PoliciesFor, value: unknown, context: Context): unknown {
  const subject = `${decorator} on ${context.kind === 'class' ? `class ${String(context.name)}` : memberLabel(context.name)}`;
  switch (context.kind) {
    case 'method':
      return decorateMethod(policiesFor, value as AnyFunction, context, subject);
    case 'field':
      return decorateField(policiesFor(subject), context, subject);
    default:
      throw misuse(subject, `a ${context.kind}`, value);
  }
}

function decorateMethod(policiesFor: PoliciesFor, method: AnyFunction, context: Context, subject: string): AnyFunction {
  const known = planOf(method)?.site;
  try {
    const planned = plan(policiesFor(subject), { fn: method, subject, ...naming(context, subject, () => planned.site) });
    context.addInitializer(function () {
      planned.site.meet(this);
    });
    announce(planned.site);
    return wrap(planned, method);
  } catch (error) {
    // The class is not going to be: the decorators beneath must leave nothing behind either.
    known?.withdraw();
    throw error;
  }
}

/**
 * How a member's operation gets its name. A standard decorator does not know its class; the first instance does, or the
 * class itself for a static member. Where neither was seen before a call, the member's own name must do.
 */
function naming(context: Context, subject: string, siteOf: () => OperationSite): Pick<Protected, 'derive' | 'onMeet'> {
  const { name: key, static: isStatic } = context;
  let owner: AnyFunction | undefined;
  let isCalled = false;
  return {
    derive: () => (owner === undefined ? (isCalled ? memberLabel(key) : undefined) : operationName(owner, key)),
    onMeet(receiver) {
      isCalled = true;
      if (owner !== undefined || (typeof receiver !== 'object' && typeof receiver !== 'function') || receiver === null) return;
      const site = siteOf();
      owner = declaringClass(receiver, key, isStatic, (value) => planOf(value)?.site === site);
      if (owner === undefined || context.private || context.kind !== 'method') return;
      // A stranger's decorator between two of ours: they meet here, by their class and member.
      const home = isStatic ? owner : (owner.prototype as object);
      const other = sites.get(home, key);
      if (other === undefined) sites.set(home, key, site);
      else if (other !== site) site.joinInto(other, subject);
    },
  };
}

/** Registers a site as soon as its name is known. */
function announce(site: OperationSite): void {
  if (site.name.kind === 'explicit') site.enter(site.home);
  else site.home.table.expect(site);
}

/** The receiver of a call of a protected field, with the function that the field held. */
class FieldReceiver {
  constructor(
    readonly self: unknown,
    readonly fn: AnyFunction,
  ) {}
}

/** The function behind each protected field. */
const fieldFunctions = new WeakMap<AnyFunction, AnyFunction>();

/** Counts field decorators as they are applied: inner ones first, whatever the order in which their initializers run. */
let fieldDecorations = 0;
const orders = new WeakMap<Plan, number>();

/** All instances share one operation, and so one plan; what each instance's field holds travels with the call. */
function decorateField(policies: readonly Policy[], context: Context, subject: string): (this: unknown, initial: unknown) => unknown {
  const applied = applyPolicies(policies, subject);
  const order = ++fieldDecorations;
  /** One plan for each stack beneath this decorator, and there is one stack unless instances differ. */
  const plans = new WeakMap<object, Plan>();
  const ALONE = {};
  const planFor = (initial: AnyFunction): Plan => {
    const beneath = planOf(initial);
    let planned = plans.get(beneath ?? ALONE);
    if (planned === undefined) {
      const fn = beneath === undefined ? callField : initial;
      const isInside = beneath !== undefined && order < (orders.get(beneath) ?? 0);
      const made = planApplied(applied, { fn, subject, isInside, ...naming(context, subject, () => made.site) });
      planned = made;
      orders.set(made, order);
      plans.set(beneath ?? ALONE, planned);
      announce(planned.site);
    }
    return planned;
  };
  return function (initial) {
    if (typeof initial !== 'function') throw misuse(subject, 'a field that holds no function', initial);
    const planned = planFor(initial as AnyFunction);
    planned.site.meet(this);
    return protectField(planned, initial as AnyFunction);
  };
}

function protectField(planned: Plan, initial: AnyFunction): AnyFunction {
  const fn = fieldFunctions.get(initial) ?? initial;
  const run = planned.isStream ? planned.stream.bind(planned) : planned.run.bind(planned);
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    return run(new FieldReceiver(this, fn), args);
  };
  fieldFunctions.set(wrapper, fn);
  return dress(wrapper, planned, initial);
}

function callField(this: FieldReceiver, ...args: unknown[]): unknown {
  return this.fn.apply(this.self, args);
}
