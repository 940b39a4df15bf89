import type { AnyFunction } from '../core/call';
import { nameOf } from '../core/safe-inspect';
import type { Breaker } from '../breaker/breaker';
import type { Counter } from '../registry/counter';
import type { Pipeline } from './pipeline';

/** A policy of a pipeline, with its options as they were resolved. */
export interface PolicyInfo {
  readonly policy: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The properties that a protected function has besides its own.
 *
 * @typeParam B - The counter of its calls: a breaker where a policy is known to bring one.
 */
export interface Protection<B extends Breaker | Counter = Breaker | Counter> {
  /** The operation's name. */
  readonly operation: string;
  /** The operation's breaker, or what counts in its place when no policy brings one; undefined when there is one per key or instance. */
  readonly breaker: B | undefined;
  /** A keyed operation's breakers, by key. */
  readonly breakers: ReadonlyMap<string, Breaker>;
  /** Policies and their resolved options, outermost first. */
  readonly pipeline: readonly PolicyInfo[];
}

const pipelines = new WeakMap<object, Pipeline>();

/** The pipeline of one of our wrappers. */
export function pipelineOf(fn: unknown): Pipeline | undefined {
  return pipelines.get(fn as object);
}

/** The pipeline of a function, or of the one it wraps: decorators of others that keep ours as their prototype let it be found. */
export function pipelineWithin(wrapper: unknown): Pipeline | undefined {
  for (let fn = wrapper; typeof fn === 'function'; fn = Object.getPrototypeOf(fn) as unknown) {
    const pipeline = pipelineOf(fn);
    if (pipeline !== undefined) return pipeline;
  }
  return undefined;
}

/** The policies of a pipeline, outermost first. */
export function describe({ policies }: Pipeline): Protection['pipeline'] {
  return policies.map(({ kind, options }) => ({ policy: kind.policy, options: { ...options } }));
}

/** One set of getters for all wrappers. */
export const getters: { readonly [K in keyof Protection]: TypedPropertyDescriptor<Protection[K] | undefined> } = {
  operation: getter(({ name }) => name),
  breaker: getter(({ operation }) => operation?.single),
  breakers: getter(({ operation }) => operation?.keyed ?? new Map()),
  pipeline: getter(describe),
};

function getter<V>(read: (pipeline: Pipeline) => V): TypedPropertyDescriptor<V | undefined> {
  return {
    get(this: unknown) {
      const pipeline = pipelineWithin(this);
      return pipeline && read(pipeline);
    },
    configurable: true,
  };
}

/** The prototype of wrappers of functions. */
const prototype: object = /* @__PURE__ */ Object.create(Function.prototype, getters);

/** Makes the function that stands in for `original` and runs its calls through the pipeline. */
export function wrap(pipeline: Pipeline, original: AnyFunction, from = prototype): AnyFunction {
  return asWrapper((pipeline.isStream ? streaming : calling)(pipeline, nameOf(original)), pipeline, original, from);
}

// Each in a function of its own: a wrapper keeps what it needs, not all that is around it. And by a computed name: a function whose name is
// defined later has a table of properties of its own, which takes 250 bytes.

function calling(pipeline: Pipeline, name: string): AnyFunction {
  return {
    [name](this: unknown, ...args: unknown[]) {
      return pipeline.call(this, args);
    },
  }[name] as AnyFunction;
}

function streaming(pipeline: Pipeline, name: string): AnyFunction {
  return {
    [name](this: unknown, ...args: unknown[]) {
      return pipeline.stream(this, args);
    },
  }[name] as AnyFunction;
}

/** Makes a wrapper look like the function it wraps, and know its protection. @param from - Its prototype. */
export function asWrapper(wrapper: AnyFunction, pipeline: Pipeline, original: AnyFunction, from: object): AnyFunction {
  // First: a function with properties of its own would get a shape of its own as well.
  Object.setPrototypeOf(wrapper, from);
  inherit(wrapper, original);
  pipelines.set(wrapper, pipeline);
  (Reflect as MetadataReflect).defineMetadata?.(POLICIES, describe(pipeline), wrapper);
  return wrapper;
}

/** Where other libraries can find the policies of a protected function. */
const POLICIES = Symbol.for('breaker-box.policies');

/** As much as is used of the `reflect-metadata` package, which may be there or not. */
interface MetadataReflect {
  getOwnMetadataKeys?: (target: object) => unknown[];
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** Properties that each wrapper has of its own. A frozen function's could not be redefined, so they are not carried over at all. */
const OWN_TO_EACH_WRAPPER: readonly PropertyKey[] = ['prototype', 'arguments', 'caller', ...Object.keys(getters)];

/**
 * Carries over everything that other decorators attached to the original: guards, routes and the like live in metadata,
 * and a wrapper that drops them opens what they closed. Where the original becomes its prototype, what is attached to the
 * original later is inherited.
 */
function inherit(wrapper: AnyFunction, original: AnyFunction): void {
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = Object.getOwnPropertyDescriptor(original, key);
    if (descriptor === undefined || OWN_TO_EACH_WRAPPER.includes(key)) continue;
    // Its name, and the length 0.
    const isThere = 'value' in descriptor && descriptor.value === Object.getOwnPropertyDescriptor(wrapper, key)?.value;
    if (!isThere) Object.defineProperty(wrapper, key, descriptor);
  }
  // Looked for now, not when this module was loaded: the package may have been imported since.
  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as MetadataReflect;
  for (const key of getOwnMetadataKeys?.(original) ?? []) defineMetadata?.(key, getOwnMetadata?.(key, original), wrapper);
}
