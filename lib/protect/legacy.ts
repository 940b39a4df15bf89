import type { AnyFunction } from '../core/call';
import { nameOf } from '../core/safe-inspect';
import { pipelineOf } from './wrapper';
import { stackOf } from './wrapper-stack';
import { announce, release } from '../registry/expected-sites';
import { givesStream, pipelineFor } from './protect';
import type { Place } from '../registry/place';
import type { DerivedName, Site } from '../registry/site';
import { derivedName, MemberMap, misuse, operationName, wrapMember } from './member';
import type { PoliciesFor } from './decorator-types';

const sites = new MemberMap<Site>();

/** Decorates a method by the rules of `experimentalDecorators`: changes and returns the descriptor. */
export function decorateLegacy(
  decorator: string,
  policiesFor: PoliciesFor,
  target: object,
  key: string | symbol,
  descriptor: unknown,
  place: Place | undefined,
): PropertyDescriptor {
  const owner = (typeof target === 'function' ? target : target.constructor) as AnyFunction;
  const subject = `${decorator} on ${operationName(owner, key)}`;
  const method = methodOf(descriptor, subject);
  // The class's name is read late: a compiler may call the class otherwise while its static initializers run.
  const writtenName = nameOf(owner);
  const derive = (): DerivedName => derivedName(owner, key, writtenName);
  const known = pipelineOf(method.value)?.site ?? sites.get(target, key);
  try {
    const pipeline = pipelineFor(policiesFor(subject, givesStream(method.value)), { fn: method.value, subject, derive, stackOf, sameAs: sites.get(target, key), place });
    sites.set(target, key, pipeline.site);
    announce(pipeline.site);
    method.value = wrapMember(pipeline, method.value);
    return method;
  } catch (error) {
    // The class is not going to be: the decorators beneath must leave nothing behind either.
    if (known !== undefined) release(known);
    throw error;
  }
}

type MethodDescriptor = PropertyDescriptor & { value: AnyFunction };

function methodOf(descriptor: unknown, subject: string): MethodDescriptor {
  if (typeof descriptor === 'number') throw misuse(subject, 'a parameter', descriptor);
  if (typeof descriptor !== 'object' || descriptor === null) throw misuse(subject, 'a property', descriptor);
  const { get, set, value } = descriptor as PropertyDescriptor;
  if (get !== undefined || set !== undefined) throw misuse(subject, 'a getter or setter', get ?? set);
  if (typeof value !== 'function') throw misuse(subject, 'a property that is no method', value);
  return descriptor as MethodDescriptor;
}
