import { breakerOf, withBreaker, withBreakerSync, withPolicies } from '../../../lib';
import { openTelemetryMetrics } from '../../../lib/adapters/opentelemetry';
import { fails, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { collectWarnings } from '../../registry/support/warnings';
import { Exporter } from './support/exporter';

let exporter: Exporter;
let warnings: ReturnType<typeof collectWarnings>;
beforeEach(() => {
  exporter = new Exporter();
  warnings = collectWarnings();
});
afterEach(() => {
  warnings.stop();
});

/** The labels of all series but those that prom-client adds, and their values. */
async function labels(): Promise<Record<string, Set<string>>> {
  const found: Record<string, Set<string>> = {};
  for (const { values } of await exporter.register.getMetricsAsJSON()) {
    for (const { labels: pairs } of values) {
      for (const [label, value] of Object.entries(pairs)) (found[label] ??= new Set()).add(String(value));
    }
  }
  return found;
}

const calls = (): Promise<string[]> => exporter.series('breaker_box_calls_total');

describe('labels of metrics stay few, and short', () => {
  it('counts operations whose names are longer than 200 characters together as _other, with one warning', async () => {
    const { registry } = exporter;
    for (const name of ['n'.repeat(200), 'n'.repeat(201), 'm'.repeat(1 << 20)]) withBreakerSync(() => 1, { name, registry })();
    breakerOf('m'.repeat(1 << 20), undefined, registry).trip();
    expect(await calls()).toEqual([
      '{operation="_other",outcome="success"} 2',
      `{operation="${'n'.repeat(200)}",outcome="success"} 1`,
    ]);
    expect(await exporter.series('breaker_box_breaker_state')).toContain('{operation="_other",state="open"} 1');
    expect((await exporter.text()).length).toBeLessThan(50_000);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_METRICS']);
    expect(warnings.messages()[0]!.length).toBeLessThan(500);
  });

  it('keeps what is together as _other when one of them leaves, and when one is called so', async () => {
    const { registry } = exporter;
    for (const name of ['n'.repeat(201), '_other', 'a']) withBreakerSync(() => 1, { name, registry })();
    registry.delete('_other');
    registry.delete('n'.repeat(201));
    expect(await calls()).toEqual(['{operation="_other",outcome="success"} 2', '{operation="a",outcome="success"} 1']);
  });

  it('counts names without a UTF-8 of their own together: on the wire they would be the same', async () => {
    const { registry } = exporter;
    for (const name of ['a \ud800', 'a \udfff', 'a \u{1F4A5}']) withBreakerSync(() => 1, { name, registry })();
    expect(await calls()).toEqual(['{operation="_other",outcome="success"} 2', '{operation="a \u{1F4A5}",outcome="success"} 1']);
  });

  it('has a bounded set of values for every label but the operation’s, whatever happens', async () => {
    const { registry, clock } = exporter;
    const said = (): string => `${Math.random()} ${'x'.repeat(1 << 16)}`;
    const call = withPolicies(scripted(fails(said()), works()), { name: 'a', registry, retry: { baseDelay: 1 }, cache: '1m', breaker: { failureThreshold: 1 }, bulkhead: 1 });
    await clock.until(call().catch(() => undefined));
    for (let n = 0; n < 50; n++) {
      call.breaker!.reset();
      call.breaker!.trip(said());
      await rejectionOf(call(n));
    }
    const { operation, reason, from, to, state, outcome, kind, le, ...others } = await labels();
    expect(others).toEqual({});
    expect([operation, from, to, state, kind].map((values) => values!.size)).toEqual([1, 2, 2, 3, 1]);
    expect([...reason!].sort()).toEqual(['failure_threshold', 'open', 'reset', 'trip']);
    expect([...outcome!].sort()).toEqual(['failure', 'miss', 'rejected']);
    expect(le!.size).toBeLessThan(20);
  });

  // Rule 49
  it('has nothing of what a dependency’s error says, nor of a call’s key and arguments', async () => {
    const { registry, clock } = exporter;
    const hostile = [
      Object.assign(new Error('secret in message'), { name: 'secret in name', code: 'secret in code', config: { headers: { authorization: 'secret in header' } } }),
      new Proxy(new Error(), { get: () => { throw new Error('secret in getter'); }, getPrototypeOf: () => { throw new Error('secret in trap'); } }),
      { toString: () => 'secret in text', name: { toString: () => 'secret in name' } },
      'secret itself',
    ];
    for (const error of hostile) {
      const options = { name: 'a', registry, retry: { maxAttempts: 2, baseDelay: 1 }, fallback: { use: () => Promise.reject(error), handle: () => true }, cache: { ttl: '1m', key: () => 'secret key' } } as const;
      const call = withPolicies(scripted(fails(error)), { ...options, breaker: { failureThreshold: 1, key: () => 'secret breaker key' }, bulkhead: { maxConcurrent: 1, key: () => 'secret bulkhead key' } });
      await clock.until(call('secret argument').catch(() => undefined));
      await call().catch(() => undefined);
    }
    const text = await exporter.text();
    expect(text).toContain('breaker_box_rejections_total{operation="a",reason="open"}');
    expect(text).toContain('breaker_box_fallbacks_total{operation="a"}');
    expect(text).not.toContain('secret');
    expect(text).not.toContain(' # '); // an exemplar
    expect(warnings.codes()).toEqual([]);
  });
});

it('are the same through OpenTelemetry', async () => {
  const seen: object[] = [];
  const instrument = { add: (_one: number, series: object) => seen.push(series), record: (_s: number, series: object) => seen.push(series) };
  const meter = { createCounter: () => instrument, createHistogram: () => instrument, createObservableGauge: () => ({}), createObservableCounter: () => ({}), addBatchObservableCallback: () => undefined };
  openTelemetryMetrics(exporter.registry, { meter: meter as never });
  const call = withBreaker(scripted(fails()), { name: 'b'.repeat(201), registry: exporter.registry, failureThreshold: 1 });
  await rejectionOf(call());
  await rejectionOf(call());
  expect(seen).toContainEqual({ operation: '_other', reason: 'open' });
  expect(JSON.stringify(seen)).not.toContain('bb');
});
