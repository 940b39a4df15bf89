import { BreakerRegistry, withBreaker } from '../../lib';
import { collected, collectGarbage } from './support/collect-garbage';
import { collectWarnings } from './support/warnings';

const fetchUser = () => Object.defineProperty(async () => undefined, 'name', { value: 'fetchUser' });

/** Wraps, calls and drops, in a frame of its own. */
async function wrapAndDrop(registry: BreakerRegistry, times: number, name?: string): Promise<void> {
  for (let n = 0; n < times; n++) await withBreaker(fetchUser(), { registry, name })();
}

/** Those that have left, finalizer and all: their names are free then. */
function removals(registry: BreakerRegistry): string[] {
  const removed: string[] = [];
  registry.on('remove', ({ operation }) => removed.push(operation));
  return removed;
}

describe('rule 32: garbage collection', () => {
  it('takes an operation of a derived name out of the registry with its wrapper', async () => {
    const registry = new BreakerRegistry();
    const removed = removals(registry);
    await wrapAndDrop(registry, 3);
    expect(registry.names().length).toBeLessThanOrEqual(3);

    await collectGarbage(() => removed.length === 3);

    expect(registry.names()).toEqual([]);
    expect(removed.sort()).toEqual(['fetchUser', 'fetchUser#2', 'fetchUser#3']);
  });

  it('leaves one whose wrapper is held, with its state', async () => {
    const registry = new BreakerRegistry();
    const wrapped = withBreaker(fetchUser(), { registry });
    wrapped.breaker!.trip();
    await wrapAndDrop(registry, 3);
    await collectGarbage(() => registry.size === 1);
    expect(registry.names()).toEqual(['fetchUser']);
    expect(registry.get('fetchUser')!.state).toBe('open');
    await expect(wrapped()).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('leaves explicit names, which are held strongly', async () => {
    const registry = new BreakerRegistry();
    await wrapAndDrop(registry, 1, 'users.fetch');
    registry.get('users.fetch')!.trip();
    await collectGarbage(() => false);
    expect(registry.get('users.fetch')!.state).toBe('open');
  });

  it('frees the derived name: the next site of that name has it', async () => {
    const registry = new BreakerRegistry();
    const removed = removals(registry);
    await wrapAndDrop(registry, 5);
    await collectGarbage(() => removed.length === 5);
    expect(withBreaker(fetchUser(), { registry }).operation).toBe('fetchUser');
  });

  it('lets numbers begin anew when all operations of the name have gone', async () => {
    const registry = new BreakerRegistry();
    const removed = removals(registry);
    await wrapAndDrop(registry, 5);
    await collectGarbage(() => removed.length === 5);
    const held = [1, 2].map(() => withBreaker(fetchUser(), { registry }));
    expect(held.map(({ operation }) => operation)).toEqual(['fetchUser', 'fetchUser#2']);
  });

  it('is not suspected of a leak while wrappers are collected', async () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry();
    const removed = removals(registry);
    for (let round = 1; round <= 6; round++) {
      await wrapAndDrop(registry, 30);
      await collectGarbage(() => removed.length === round * 30);
    }
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });

  it('counts only live operations, also where another site took the name of one that was collected', async () => {
    const warnings = collectWarnings();
    const registry = new BreakerRegistry();
    const dropped = removals(registry);
    await wrapAndDrop(registry, 60);
    await collectGarbage(() => dropped.length === 60);
    const held = Array.from({ length: 60 }, () => withBreaker(fetchUser(), { registry }));
    expect(held[0]!.operation).toBe('fetchUser');
    expect(warnings.codes()).toEqual([]);
    warnings.stop();
  });

  it('shows an operation no more, and deletes nothing, between its wrapper’s collection and the finalizer', async () => {
    const registry = new BreakerRegistry();
    await wrapAndDrop(registry, 1);
    expect(await collected(() => [registry.names(), registry.has('fetchUser'), registry.delete('fetchUser')])).toEqual([[], false, false]);
  });

  it('leaves a breaker that somebody holds as it is', async () => {
    const registry = new BreakerRegistry();
    let breaker = (() => withBreaker(fetchUser(), { registry }).breaker)();
    await collectGarbage(() => !registry.has('fetchUser'));
    expect(breaker!.state).toBe('closed');
    breaker!.trip();
    expect(breaker!.state).toBe('open');
    breaker = undefined;
  });
});
