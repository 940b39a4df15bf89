import { BreakerRegistry, bulkhead, withPolicies } from '../../lib';
import { Bulkheads } from '../../lib/bulkhead/policy';
import { collectGarbage } from '../registry/support/collect-garbage';

const slots = (running: number) => ({ running, limit: 10, queued: 0 });
const running = (bulkheads: Bulkheads): number[] => Array.from(bulkheads, (one) => one.running);

describe('the bulkheads of an operation', () => {
  it('are shown again when it was deleted, and its site registers anew', async () => {
    const registry = new BreakerRegistry();
    const call = withPolicies(async () => 'value', [bulkhead({ name: 'op', registry, maxConcurrent: 3 })]);
    await call();
    registry.delete('op');
    await call();
    expect(Array.from(registry.table.get('op')!.bulkheads!, ({ limit }) => limit)).toEqual([3]);
  });

  it('give the slots of all, of each key that there is now', () => {
    const keyed = [slots(2)];
    const single = [slots(1)];
    const bulkheads = new Bulkheads();
    bulkheads.add(single);
    bulkheads.add(keyed);
    keyed.push(slots(3));
    expect(running(bulkheads)).toEqual([1, 2, 3]);
  });

  it('know one that is added again', () => {
    const single = [slots(1)];
    const bulkheads = new Bulkheads();
    bulkheads.add(single);
    bulkheads.add(single);
    expect(running(bulkheads)).toEqual([1]);
  });

  it('keep none alive', async () => {
    const kept = [slots(1)];
    const bulkheads = new Bulkheads();
    bulkheads.add(kept);
    for (let n = 0; n < 100; n++) bulkheads.add([slots(2)]);
    await collectGarbage(() => running(bulkheads).length === 1);
    expect(running(bulkheads)).toEqual([1]);
    expect(kept).toHaveLength(1);
  });
});
