import type { AnyFunction } from '../core/call';
import type { Breaker } from '../breaker/breaker';
import type { Pipeline } from './pipeline';

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
export function describe({ policies }: Pipeline): PolicyInfo[] {
  return policies.map(({ kind, options }) => ({ policy: kind.policy, options: { ...options } }));
}

/** One set of getters for all wrappers. */
const getters: { readonly [K in keyof Protection]: (this: unknown) => Protection[K] | undefined } = {
  operation() {
    return pipelineWithin(this)?.name;
  },
  breaker() {
    return pipelineWithin(this)?.operation?.single;
  },
  breakers() {
    return pipelineWithin(this)?.operation?.keyed ?? new Map();
  },
  pipeline() {
    const pipeline = pipelineWithin(this);
    return pipeline && describe(pipeline);
  },
};

/** Makes the function that stands in for `original` and runs its calls through the pipeline. */
export function wrap(pipeline: Pipeline, original: AnyFunction): AnyFunction {
  return asWrapper(pipeline.isStream ? streaming(pipeline) : calling(pipeline), pipeline, original);
}

// Each in a function of its own: a wrapper keeps what it needs, not all that is around it.

function calling(pipeline: Pipeline): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    return pipeline.call(this, args);
  };
}

function streaming(pipeline: Pipeline): AnyFunction {
  return function (this: unknown, ...args: unknown[]) {
    return pipeline.stream(this, args);
  };
}

/** Makes a wrapper look like the function it wraps, and know its protection. */
export function asWrapper(wrapper: AnyFunction, pipeline: Pipeline, original: AnyFunction): AnyFunction {
  inherit(wrapper, original);
  for (const [name, get] of Object.entries(getters)) {
    Object.defineProperty(wrapper, name, { get, configurable: true, enumerable: false });
  }
  pipelines.set(wrapper, pipeline);
  publish(wrapper, pipeline);
  return wrapper;
}

/** As much as is used of the `reflect-metadata` package, which may be there or not. */
interface MetadataReflect {
  getOwnMetadataKeys?: (target: object) => unknown[];
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
}

/** What a wrapper has of its own. A frozen function's could not be redefined, so they are not carried over at all. */
const OWN_TO_EACH_WRAPPER: readonly PropertyKey[] = ['prototype', 'arguments', 'caller', 'operation', 'breaker', 'breakers', 'pipeline'];

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

function publish(wrapper: AnyFunction, pipeline: Pipeline): void {
  (Reflect as MetadataReflect).defineMetadata?.(POLICIES, describe(pipeline), wrapper);
}
