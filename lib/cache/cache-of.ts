import type { AnyFunction } from '../core/call';
import { ConfigurationError } from '../core/errors';
import { hintAtNoFunction } from '../core/safe-inspect';
import type { CacheDriver, CacheMemory } from './cache';
import { cacheKind } from './policy';
import { pipelineWithin } from '../protect/wrapper';
import type { Pipeline } from '../protect/pipeline';
import type { AppliedPolicy } from '../protect/policy';

/** The cached results of a protected function in the ambient registry, where its calls look for them. */
export interface CachedResults<F extends AnyFunction> {
  /** Results that are kept, those that have expired and were not looked up since included. */
  readonly size: number;
  /**
   * Forgets the result for these arguments. Calls that wait for it still get it; no later one does.
   *
   * @returns Whether it was kept.
   */
  forget(...args: Parameters<F>): boolean;
  /** Forgets all results, of all instances. */
  clear(): void;
}

/**
 * The cache of a protected function, to take out what has changed since: `cacheOf(getUser).forget(id)`.
 *
 * @param self - The instance, for a method: results are kept for each.
 * @throws {@link ConfigurationError} when the function has no cache.
 */
export function cacheOf<F extends AnyFunction>(fn: F, self?: unknown): CachedResults<F> {
  const pipeline = pipelineWithin(fn);
  const caches = pipeline?.policies.filter(({ kind }) => kind === cacheKind) ?? [];
  if (pipeline === undefined || caches.length === 0) {
    throw new ConfigurationError('cacheOf', [{ path: 'fn', message: `must be a function that a cache protects${hintAtNoFunction(fn)}`, received: fn }]);
  }
  return new PipelineCaches<F>(pipeline, caches, self);
}

/** The caches of a pipeline: one, but for a list of policies with several. */
class PipelineCaches<F extends AnyFunction> implements CachedResults<F> {
  readonly #pipeline: Pipeline;
  readonly #policies: readonly AppliedPolicy[];
  readonly #self: unknown;

  constructor(pipeline: Pipeline, policies: readonly AppliedPolicy[], self: unknown) {
    this.#pipeline = pipeline;
    this.#policies = policies;
    this.#self = self;
  }

  get size(): number {
    return this.#memories().reduce((sum, { results }) => sum + results.size, 0);
  }

  forget(...args: Parameters<F>): boolean {
    return this.#memories().map((memory) => memory.forget(this.#pipeline.name, this.#self, args)).includes(true);
  }

  clear(): void {
    for (const memory of this.#memories()) memory.clear();
  }

  /** Looked for each time: calls may use another registry by now. None before the first call. */
  #memories(): CacheMemory[] {
    const { states } = this.#pipeline.registry;
    return this.#policies.flatMap((policy) => (states.get(policy) as CacheDriver | undefined)?.memory ?? []);
  }
}
