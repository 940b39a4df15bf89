import type { AnyFunction } from '../core/call';
import type { Breaker } from '../breaker/breaker';
import type { Plan } from './plan';

/** A policy of a pipeline, with its options as they were resolved. */
export interface PolicyInfo {
  readonly policy: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a protected function has besides what it had. */
export interface Protection {
  /** The operation's name. */
  readonly operation: string;
  /** The operation's breaker, or what counts in its place when no policy brings one; undefined when there is one per key or instance. */
  readonly breaker: Breaker | undefined;
  /** A keyed operation's breakers, by key. */
  readonly breakers: ReadonlyMap<string, Breaker>;
  /** Policies and their resolved options, outermost first. */
  readonly pipeline: readonly PolicyInfo[];
}

const plans = new WeakMap<object, Plan>();

/** The plan of one of our wrappers. */
export function planOf(fn: unknown): Plan | undefined {
  return plans.get(fn as object);
}

/** Makes a wrapper look like the function it wraps, and know its protection. */
export function dress(wrapper: AnyFunction, plan: Plan, original: AnyFunction): AnyFunction {
  inherit(wrapper, original);
  const getters: { [K in keyof Protection]: () => Protection[K] } = {
    operation: () => plan.name,
    breaker: () => plan.operation()?.single,
    breakers: () => plan.operation()?.breakers.asMap() ?? new Map(),
    pipeline: () => describe(plan),
  };
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(wrapper, name, { get, configurable: true, enumerable: false });
  }
  plans.set(wrapper, plan);
  publish(wrapper, plan);
  return wrapper;
}

/** The policies of a plan, outermost first. */
export function describe(plan: Plan): PolicyInfo[] {
  return plan.policies.map(({ kind, options }) => ({ policy: kind.policy, options: { ...options } }));
}

/** As much as is used of the `reflect-metadata` package, which may be there or not. */
interface MetadataReflect {
  getOwnMetadataKeys?: (target: object) => unknown[];
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** What a wrapper has of its own. A frozen function's could not be redefined, so they are not carried over at all. */
const OWN_TO_EACH_WRAPPER: readonly PropertyKey[] = [
  'prototype', 'arguments', 'caller', 'operation', 'breaker', 'breakers', 'pipeline',
];

/**
 * Carries over everything that other decorators attached to the original: guards, routes and the like live in metadata,
 * and a wrapper that drops them opens what they closed. As the original becomes its prototype, what is attached to the
 * original later is inherited.
 */
function inherit(wrapper: AnyFunction, original: AnyFunction): void {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor !== undefined && !OWN_TO_EACH_WRAPPER.includes(key)) Object.defineProperty(wrapper, key, descriptor);
  }
  // Looked for now, not when this module was loaded: the package may have been imported since.
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as MetadataReflect;
  for (const key of getOwnMetadataKeys?.(original) ?? []) defineMetadata?.(key, getOwnMetadata?.(key, original), wrapper);
  Object.setPrototypeOf(wrapper, original);
}

/** Where other libraries can find the policies of a protected function. */
const POLICIES = Symbol.for('breaker-box.policies');

function publish(wrapper: AnyFunction, plan: Plan): void {
  (Reflect as MetadataReflect).defineMetadata?.(POLICIES, describe(plan), wrapper);
}
