import 'reflect-metadata';
import { runInThisContext } from 'node:vm';
import { BreakerRegistry, withBreaker, withRetry } from '../../../lib';

interface Metadata {
  defineMetadata(key: unknown, value: unknown, target: object): void;
  getOwnMetadata(key: unknown, target: object): unknown;
  getOwnMetadataKeys(target: object): unknown[];
}
const metadata = Reflect as unknown as Metadata;
const registry = (): BreakerRegistry => new BreakerRegistry();

describe('a wrapper', () => {
  it('has the metadata, the symbols and the hidden properties of the function', () => {
    const tag = Symbol('tag');
    const fn = Object.assign(async () => 'it', { [tag]: 1 });
    Object.defineProperty(fn, 'hidden', { value: 2, enumerable: false });
    metadata.defineMetadata('role', 'admin', fn);
    metadata.defineMetadata(tag, 'of the symbol', fn);

    const wrapped = withRetry(fn, { registry: registry() }) as unknown as Record<PropertyKey, unknown>;

    expect([wrapped[tag], wrapped['hidden'], Object.keys(wrapped)]).toEqual([1, 2, []]);
    expect([metadata.getOwnMetadata('role', wrapped), metadata.getOwnMetadata(tag, wrapped)]).toEqual(['admin', 'of the symbol']);
  });

  it('publishes its policies where other libraries find them', () => {
    const wrapped = withRetry(async () => 'it', { registry: registry(), maxAttempts: 2 });
    const policies = metadata.getOwnMetadata(Symbol.for('breaker-box.policies'), wrapped);
    expect(policies).toEqual(wrapped.pipeline);
    expect(policies).toEqual([{ policy: 'retry', options: expect.objectContaining({ maxAttempts: 2 }) }]);
  });

  it('tells of its protection by properties that are not listed, and that may be replaced', () => {
    const wrapped = withRetry(async () => 'it', { registry: registry() });
    for (const name of ['operation', 'breaker', 'breakers', 'pipeline']) {
      expect(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(wrapped), name)).toEqual({ get: expect.any(Function), set: undefined, configurable: true, enumerable: false });
    }
  });

  it('protects a frozen wrapper, whose own properties it leaves', async () => {
    const inner = Object.freeze(withBreaker(async () => 'it', { registry: registry(), name: 'inner' }));
    const outer = withRetry(inner);
    expect([await outer(), outer.operation, outer.pipeline.map(({ policy }) => policy)]).toEqual(['it', 'inner', ['retry', 'breaker']]);
  });

  it.each(['(function () { return Promise.resolve("it"); })', '(async function () { return "it"; })'])('has a prototype of its own, and neither arguments nor caller: %s', async (source) => {
    const fn = runInThisContext(source) as () => Promise<string>;
    const wrapped = withRetry(fn, { registry: registry() });
    expect(await wrapped()).toBe('it');
    expect(Object.getOwnPropertyNames(wrapped)).not.toEqual(expect.arrayContaining(['arguments']));
    expect(Object.getOwnPropertyNames(wrapped)).not.toEqual(expect.arrayContaining(['caller']));
    const { prototype } = wrapped as unknown as { prototype: unknown };
    expect(prototype === undefined || prototype !== (fn as unknown as { prototype: unknown }).prototype).toBe(true);
  });

  it('of a frozen function has a prototype of its own', () => {
    const fn = Object.freeze(function load() {
      return Promise.resolve('it');
    });
    const wrapped = withRetry(fn, { registry: registry() });
    expect([wrapped.operation, wrapped.prototype === fn.prototype]).toEqual(['load', false]);
  });
});
