import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader, type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { breakerOf, BreakerRegistry, ConfigurationError, withBreaker, withPolicies } from '../../../lib';
import { openTelemetryMetrics } from '../../../lib/adapters/opentelemetry';
import { fails, pending, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;
let provider: MeterProvider;
let exporter: InMemoryMetricExporter;
let stop: () => void;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e9 })] });
  stop = openTelemetryMetrics(registry, { meter: provider.getMeter('test') });
});

afterEach(() => provider.shutdown());

/** Each series of a metric as its labels and its value; of a histogram, its count and sum. */
async function series(name: string): Promise<[labels: string, value: unknown][]> {
  const points = (await collected()).flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((scope) => scope.metrics.filter(({ descriptor }) => descriptor.name === name).flatMap(({ dataPoints }) => dataPoints as { attributes: object; value: unknown }[])),
  );
  return points.map(({ attributes, value }) => [Object.values(attributes).join(' '), shown(value)] as [string, unknown]).sort();
}

async function collected(): Promise<ResourceMetrics[]> {
  exporter.reset();
  await provider.forceFlush();
  return exporter.getMetrics();
}

const shown = (value: unknown): unknown =>
  typeof value === 'object' ? [(value as { count: number }).count, (value as { sum: number }).sum] : value;

describe('openTelemetryMetrics', () => {
  it('counts calls, attempts, retries and transitions, and measures their times in seconds', async () => {
    const call = withPolicies(scripted(fails(), fails(), works()), {
      name: 'a', registry, retry: { baseDelay: 200, jitter: false, backoff: 'fixed', waitForCircuit: true, maxElapsed: '1m' }, breaker: { failureThreshold: 2, recoveryTimeout: 100 },
    });
    await clock.until(call());
    expect(await series('breaker_box.calls')).toEqual([['a success', 1]]);
    expect(await series('breaker_box.call.duration')).toEqual([['a success', [1, 0.4]]]);
    expect(await series('breaker_box.attempts')).toEqual([['a first failure', 1], ['a probe success', 1], ['a retry failure', 1]]);
    expect(await series('breaker_box.retry.delay')).toEqual([['a', [2, 0.4]]]);
    expect(await series('breaker_box.breaker.transitions')).toEqual([
      ['a closed open failure_threshold', 1],
      ['a half_open closed probe_succeeded', 1],
      ['a open half_open recovery_timeout', 1],
    ]);
  });

  it('shows states, ratios, next probes and budgets as they are when they are read', async () => {
    const call = withPolicies(scripted(fails()), { name: 'a', registry, retry: { maxAttempts: 1, budget: { quota: 7 } }, breaker: { failureThreshold: 1, recoveryTimeout: 5000 } });
    await rejectionOf(call());
    await clock.advance(2000);
    expect(await series('breaker_box.breaker.state')).toEqual([['a closed', 0], ['a half_open', 0], ['a open', 1]]);
    expect(await series('breaker_box.breaker.failure_ratio')).toEqual([['a', 1]]);
    expect(await series('breaker_box.breaker.next_probe')).toEqual([['a', 3]]);
    expect(await series('breaker_box.retry.budget')).toEqual([['a', 7]]);
  });

  // Rule 63
  it('counts rejections by reason, fallbacks and cache lookups, and shows the slots of bulkheads', async () => {
    const work = pending();
    const call = withPolicies(work, { name: 'a', registry, cache: '1m', fallback: () => 'kept', bulkhead: { maxConcurrent: 1, maxQueue: 1 }, breaker: {} });
    for (let n = 0; n < 3; n++) void call(n);
    await clock.advance(0);
    expect(await series('breaker_box.bulkhead.usage')).toEqual([['a', 1]]);
    expect(await series('breaker_box.bulkhead.limit')).toEqual([['a', 1]]);
    expect(await series('breaker_box.bulkhead.queued')).toEqual([['a', 1]]);
    expect(await series('breaker_box.rejections')).toEqual([['a bulkhead', 1]]);
    expect(await series('breaker_box.fallbacks')).toEqual([['a', 1]]);
    expect(await series('breaker_box.cache.lookups')).toEqual([['a miss', 3]]);
  });

  it('says what it measures, and in what unit', async () => {
    await withBreaker(scripted(works()), { name: 'a', registry })();
    const descriptors = (await collected()).flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics.map(({ descriptor }) => descriptor)));
    expect(descriptors).toContainEqual(expect.objectContaining({ name: 'breaker_box.call.duration', unit: 's', description: expect.stringMatching(/seconds/) }));
    expect(descriptors.map(({ description }) => description)).not.toContain('');
  });

  // https://opentelemetry.io/docs/specs/semconv/general/naming/ and /general/metrics/
  it('names and measures by the semantic conventions: dots, no `total`, no unit in a name, what is counted in braces', async () => {
    const meter = { createCounter: jest.fn(), createHistogram: jest.fn(), createObservableGauge: jest.fn(), createObservableCounter: jest.fn(), addBatchObservableCallback: jest.fn() };
    openTelemetryMetrics(new BreakerRegistry(), { meter: meter as never });
    const made = (['createCounter', 'createHistogram', 'createObservableGauge', 'createObservableCounter'] as const).flatMap((create) => meter[create].mock.calls as [string, { unit?: string }][]);
    expect(made).toHaveLength(22);
    for (const [name] of made) {
      expect(name).toMatch(/^breaker_box(\.[a-z][a-z_]*)+$/);
      expect(name).not.toMatch(/total|second/);
    }
    const counters = [...meter.createCounter.mock.calls, ...meter.createObservableCounter.mock.calls] as [string, { unit?: string }][];
    for (const [, { unit }] of counters) expect(unit).toMatch(/^\{\w+\}$/);
    const units = Object.fromEntries(made.map(([name, { unit }]) => [name, unit]));
    expect(units).toMatchObject({
      'breaker_box.call.duration': 's',
      'breaker_box.retry.delay': 's',
      'breaker_box.breaker.next_probe': 's',
      'breaker_box.breaker.failure_ratio': '1',
      'breaker_box.bulkhead.usage': '{call}',
    });
  });

  it('shows an operation that was removed in no state, where it was open', async () => {
    breakerOf('a', undefined, registry).trip();
    expect(await series('breaker_box.breaker.state')).toContainEqual(['a open', 1]);
    registry.delete('a');
    expect((await series('breaker_box.breaker.state')).filter(([, value]) => value !== 0)).toEqual([]);
    expect((await series('breaker_box.breaker.state')).filter(([, value]) => value !== 0)).toEqual([]);
  });

  it('shows no slots, no failures and no time until a probe of an operation that was removed, but no budget of 0, which would be an alarm', async () => {
    const call = withPolicies(scripted(fails()), { name: 'a', registry, retry: { maxAttempts: 1, budget: { quota: 7 } }, breaker: { failureThreshold: 1 }, bulkhead: 5 });
    await rejectionOf(call());
    expect(await series('breaker_box.bulkhead.limit')).toEqual([['a', 5]]);
    registry.delete('a');
    for (const name of ['bulkhead.limit', 'breaker.failure_ratio', 'breaker.next_probe']) {
      expect([name, await series(`breaker_box.${name}`)]).toEqual([name, [['a', 0]]]);
    }
    expect(await series('breaker_box.retry.budget')).toEqual([['a', 7]]);
  });

  it('shows an operation that came back as it is', async () => {
    breakerOf('a', undefined, registry).trip();
    await series('breaker_box.breaker.state');
    registry.delete('a');
    breakerOf('a', undefined, registry).trip();
    expect(await series('breaker_box.breaker.state')).toContainEqual(['a open', 1]);
  });

  it('ends when it is told to', async () => {
    stop();
    await withBreaker(scripted(works()), { name: 'a', registry })();
    expect(await series('breaker_box.calls')).toEqual([]);
    expect(await series('breaker_box.breaker.state')).toEqual([]);
    expect(registry.events.hot).toBe(false);
  });

  it('uses the global provider’s meter when none is given', async () => {
    metrics.setGlobalMeterProvider(provider);
    const other = new BreakerRegistry();
    breakerOf('global', undefined, other);
    const end = openTelemetryMetrics(other);
    expect(await series('breaker_box.breaker.state')).toContainEqual(['global closed', 1]);
    end();
    metrics.disable();
  });

  it('refuses what is no registry, and wrong options', () => {
    expect(() => openTelemetryMetrics({} as never)).toThrow(ConfigurationError);
    expect(() => openTelemetryMetrics(registry, { meter: {} as never })).toThrow(/meter/);
    expect(() => openTelemetryMetrics(registry, { metre: 1 } as never)).toThrow(/meter/);
  });
});
