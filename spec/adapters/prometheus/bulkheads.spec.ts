import { bulkhead, withPolicies, type PolicyOptions } from '../../../lib';
import { pending } from '../../composition/support/flaky';
import { collectGarbage } from '../../registry/support/collect-garbage';
import { Exporter } from './support/exporter';

let exporter: Exporter;
beforeEach(() => {
  exporter = new Exporter();
});

const work = pending();
type Work = (...args: unknown[]) => Promise<unknown>;
const protect = (name: string, options: PolicyOptions<Work>) => withPolicies<Work>(work, { name, registry: exporter.registry, ...options });

/** In use, limit, waiting; of each operation that has a bulkhead. */
async function slots(): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const [at, metric] of ['usage', 'limit', 'queued'].entries()) {
    for (const series of await exporter.series(`breaker_box_bulkhead_${metric}`)) {
      const [, operation = '', value] = /^\{operation="(.*)"\} (\d+)$/.exec(series) ?? [];
      (all[operation] ??= [])[at] = Number(value);
    }
  }
  return all;
}

// Rule 63
describe('slots and queue of bulkheads, in the metrics', () => {
  it('are in use, the limit, and the calls that wait, as they are at the scrape', async () => {
    const call = protect('a', { bulkhead: { maxConcurrent: 2, maxQueue: 5 } });
    work.calls.length = 0;
    const calls = Array.from({ length: 5 }, () => call());
    expect(await slots()).toEqual({ a: [2, 2, 3] });
    for (let n = 0; n < 5; n++) {
      work.calls[n]!.resolve();
      await calls[n];
    }
    expect(await slots()).toEqual({ a: [0, 2, 0] });
  });

  it('are there from the first call on, and only where there is a bulkhead', async () => {
    const call = protect('a', { bulkhead: 3 });
    void protect('b', { breaker: {} })();
    expect(await slots()).toEqual({});
    void call();
    expect(await slots()).toEqual({ a: [1, 3, 0] });
  });

  it('are the sums of those of all keys, and no key is a label', async () => {
    const call = protect('a', { bulkhead: { maxConcurrent: 2, maxQueue: 1, key: (tenant) => String(tenant) } });
    for (const tenant of ['one', 'one', 'one', 'other']) void call(tenant);
    expect(await slots()).toEqual({ a: [3, 4, 1] });
    expect(await exporter.text()).not.toContain('other');
  });

  it('are the sums of the bulkheads of one pipeline', async () => {
    const call = withPolicies<Work>(work, [bulkhead({ maxConcurrent: 8, name: 'a', registry: exporter.registry }), bulkhead(2)]);
    void call();
    expect(await slots()).toEqual({ a: [2, 10, 0] });
  });

  it('are the sums of all wrappers of one name; who is gone takes its slots along', async () => {
    const first = protect('a', { bulkhead: 2 });
    void first();
    const wrapAndDrop = (): void => {
      const second = protect('a', { bulkhead: 5 });
      second().catch(() => undefined);
      work.calls.at(-1)!.resolve();
    };
    wrapAndDrop();
    expect((await slots())['a']?.[1]).toBe(7);
    work.calls.length = 0;
    work.mockClear();
    let limit: number | undefined;
    await collectGarbage(() => {
      void slots().then((all) => (limit = all['a']?.[1]));
      return limit === 2;
    });
    expect(limit).toBe(2);
    void first;
  });

  it('are those of the operation still when its pipeline is compiled anew', async () => {
    const call = protect('a', { bulkhead: 2, breaker: {} });
    void call();
    exporter.registry.table.get('a')!.expire();
    void call();
    expect(await slots()).toEqual({ a: [2, 2, 0] });
  });

  it('follow an adaptive limit', async () => {
    const call = protect('a', { bulkhead: { maxConcurrent: 20, adaptive: { algorithm: 'aimd', initialLimit: 10 } } });
    work.calls.length = 0;
    const failing = call().catch(() => undefined);
    work.calls[0]!.reject(new Error('down'));
    await failing;
    expect(await slots()).toEqual({ a: [0, 9, 0] });
  });

  it('go with their operation', async () => {
    void protect('a', { bulkhead: 2 })();
    exporter.registry.delete('a');
    expect(await slots()).toEqual({});
  });
});
