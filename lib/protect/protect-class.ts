import type { AnyFunction } from '../core/call';
import { unknownName } from '../core/unknown-option';
import { ConfigurationError, isConfigurationError, type ConfigurationIssue } from '../core/errors';
import { isRecord } from '../core/options';
import { nameOf } from '../core/safe-inspect';
import { applyPolicies, commonGround, type AppliedPolicy } from './policy';
import { announce, release } from '../registry/expected-sites';
import type { Site } from '../registry/site';
import { toPolicies, type PolicyOptions } from './policies';
import { givesStream, pipelineOfApplied } from './protect';
import { placeOf } from '../registry/place';
import type { AsyncOnly, PoliciesOf } from './wrapper-types';
import { ClassMember, methodNames } from './class-member';
import { derivedName, memberLabel, wrapMember, type Class } from './member';

/** The policies of some methods of `T`: those that return a promise or an async iterable. */
export type MethodPolicies<T> = {
  readonly [Name in keyof T]?: (unknown extends AsyncOnly<T[Name]> ? PoliciesOf<T[Name]> : AsyncOnly<T[Name]>) | undefined;
};

/** A class whose methods {@link protect} can protect. */
export interface ProtectableClass {
  readonly prototype: unknown;
}

/**
 * Protects methods of a class, as `@Resilient` does, where there are no decorators: in JavaScript, and under Node's type
 * stripping. `protect(VideoService, { download: { retry: {}, breaker: {} } })`.
 *
 * Each method becomes an operation named `Class.method`; an inherited one is protected for this class alone. Fields, `#private`
 * methods and accessors are out of reach. Call it once for a class, before anybody keeps one of its methods.
 *
 * @param target - The class. Its methods are replaced.
 * @param methods - The policies of each method, as `withPolicies` takes them.
 * @param statics - The same, of static methods.
 * @returns The class.
 * @throws {@link ConfigurationError} that names every problem of all methods; nothing is protected then.
 * @throws {@link OperationConflictError} when a `name` is taken by a site with other options; nothing is protected then.
 */
export function protect<C extends ProtectableClass>(
  target: C,
  methods: MethodPolicies<C['prototype']>,
  statics: MethodPolicies<Omit<C, 'prototype'>> = {},
): C {
  const owner = classOnly(target);
  const subject = `protect(${nameOf(owner) || 'anonymous'})`;
  const issues: ConfigurationIssue[] = [];
  const found = [
    ...protectedMethods(owner, owner.prototype as object, methods, 'methods', issues),
    ...protectedMethods(owner, owner, statics, 'statics', issues),
  ];
  if (issues.length === 0 && found.length === 0) issues.push({ path: '', message: 'at least one method must be given, with its policies', received: methods });
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  install(owner, found);
  return target;
}

/** A method, and what protects it. */
interface ProtectedMethod {
  readonly member: ClassMember;
  readonly fn: AnyFunction;
  readonly subject: string;
  readonly applied: readonly AppliedPolicy[];
}

/** @throws {@link ConfigurationError} */
function classOnly(target: unknown): Class {
  if (typeof target === 'function' && isObject(target.prototype)) return target as Class;
  const isInstance = isObject(target) && !Array.isArray(target);
  const message = `must be given a class${isInstance ? '; an object was given: protect its class' : ''}`;
  throw new ConfigurationError('protect', [{ path: '', message, received: target }]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The methods of `home` (the prototype, or the class for static ones) that are to be protected; what is wrong with them goes into `issues`. */
function protectedMethods(owner: Class, home: object, given: object, argument: string, issues: ConfigurationIssue[]): ProtectedMethod[] {
  if (!isRecord(given)) {
    issues.push({ path: argument, message: 'must be an object with the policies of each method', received: given });
    return [];
  }
  return Reflect.ownKeys(given).flatMap((name) => {
    const policies = (given as Record<PropertyKey, unknown>)[name] as PolicyOptions | undefined;
    if (policies === undefined) return [];
    const member = new ClassMember(home, name);
    const { fn } = member;
    if (fn === undefined || member.problem !== undefined) {
      issues.push({ path: memberLabel(name), message: member.problem ?? whyUnknown(owner, home, name), received: policies });
      return [];
    }
    const subject = `protect(${nameOf(owner) || 'anonymous'}, { ${memberLabel(name)} })`;
    try {
      const isStream = givesStream(fn);
      const applied = applyPolicies(toPolicies(policies, subject, isStream), subject, isStream);
      commonGround(applied, subject, isStream);
      return [{ member, fn, subject, applied }];
    } catch (error) {
      if (!isConfigurationError(error)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, path: [memberLabel(name), issue.path].filter(Boolean).join('.') })));
      return [];
    }
  });
}

function whyUnknown(owner: Class, home: object, name: string | symbol): string {
  const isStatic = home === owner;
  const elsewhere = isStatic ? (owner.prototype as object) : owner;
  if (new ClassMember(elsewhere, name).fn !== undefined) {
    return isStatic ? 'is no static method, but one of instances: give it in the second argument' : 'is a static method: give it in the third argument';
  }
  return `the class has no such method; ${unknownName(memberLabel(name), methodNames(home), 'methods')}`;
}

/** Protects all of them, or none. */
function install(owner: Class, methods: readonly ProtectedMethod[]): void {
  const sites: Site[] = [];
  const installed: ClassMember[] = [];
  try {
    const wrapped = methods.map(({ member, fn, subject, applied }) => {
      const one = pipelineOfApplied(applied, { fn, subject, derive: () => derivedName(owner, member.name), place: placeOf(protect, fn) });
      sites.push(one.site);
      announce(one.site);
      return { member, wrapper: wrapMember(one, fn) };
    });
    for (const { member, wrapper } of wrapped) {
      installed.push(member);
      member.replace(wrapper);
    }
  } catch (error) {
    for (const member of installed) member.restore();
    sites.forEach(release);
    throw error;
  }
}
