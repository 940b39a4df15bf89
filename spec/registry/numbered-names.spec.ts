import { BreakerRegistry, withBreaker } from '../../lib';
import { collected, collectGarbage } from './support/collect-garbage';

const wrap = (registry: BreakerRegistry, name = 'fetchUser') =>
  withBreaker(Object.defineProperty(async () => undefined, 'name', { value: name }), { registry });

it('numbers go on while an operation of the name lives, whatever becomes of an explicit one', () => {
  const registry = new BreakerRegistry();
  const explicit = withBreaker(async () => undefined, { name: 'fetchUser', registry });
  const [second, third] = [wrap(registry), wrap(registry)];
  registry.delete(explicit.operation);
  registry.delete(second.operation);
  const held = [third, wrap(registry), wrap(registry)];
  expect(held.map(({ operation }) => operation)).toEqual(['fetchUser#3', 'fetchUser', 'fetchUser#4']);
});

it('who takes a name between the collection of its owner and the finalizer keeps it', async () => {
  const registry = new BreakerRegistry();
  const removed: string[] = [];
  registry.on('remove', ({ operation }) => removed.push(operation));
  (() => {
    wrap(registry);
    wrap(registry, 'other');
  })();
  const heir = await collected(() => wrap(registry));
  expect(heir.operation).toBe('fetchUser');
  await collectGarbage(() => removed.length > 0);
  expect([registry.names(), removed]).toEqual([['fetchUser'], ['other']]);
});
