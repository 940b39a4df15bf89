import { metrics, type BatchObservableResult, type Meter, type Observable } from '@opentelemetry/api';
import { optional, options, resolve } from '../../core/check';
import { having } from '../../core/options';
import { startExporter } from '../../operate/exporters';
import { FLEET_COUNTERS, FLEET_GAUGES } from '../metrics/fleet';
import { measure } from '../metrics/measurements';
import { BUCKETS_S, COUNTERS, entriesOf, GAUGES, HISTOGRAMS, type GaugeName, type Labels, type Metric } from '../metrics/metrics';
import { read } from '../metrics/readings';
import { requireRegistry } from '../../operate/require-registry';
import { placeOf } from '../../registry/place';
import type { BreakerRegistry } from '../../registry/registry';

export interface OpenTelemetryMetricsOptions {
  /** The meter that makes the instruments. @defaultValue the meter `breaker-box` of the global provider */
  meter?: Meter | undefined;
}

const metricsSchema = /* @__PURE__ */ options({
  meter: optional(having<Meter>(__DEV__ && 'a Meter of OpenTelemetry', 'createCounter', 'createHistogram', 'createObservableCounter', 'createObservableGauge')),
});

/**
 * Makes the metrics of a registry's operations, and keeps them. Names and attributes: docs/observability.md.
 *
 * At most 200 operations have series of their own; the rest count as `_other`. Those of a removed operation are measured no
 * more, and its gauges are 0 from then on: OpenTelemetry has no way to take a series back, and a reader of cumulative values
 * repeats the last of each.
 *
 * Where it runs already for this registry, it replaces itself: with the same meter, or when the module that starts it is loaded again.
 *
 * @returns A function that ends it.
 * @throws {@link ConfigurationError} when `registry` is none, or an option is wrong.
 */
export function openTelemetryMetrics(registry: BreakerRegistry, given: OpenTelemetryMetricsOptions = {}): () => void {
  const subject = 'openTelemetryMetrics';
  requireRegistry(registry, subject);
  const { meter = metrics.getMeter('breaker-box') } = resolve(metricsSchema, given, subject);
  const traits = { kind: subject, target: given.meter ?? metrics, place: placeOf(openTelemetryMetrics) };
  return startExporter(registry, traits, () => exportTo(meter, registry));
}

function exportTo(meter: Meter, registry: BreakerRegistry): () => void {
  const counters = made(COUNTERS, (metric) => meter.createCounter(metric.name, headOf(metric)));
  const histograms = made(HISTOGRAMS, (metric) =>
    meter.createHistogram(metric.name, { ...headOf(metric), advice: { explicitBucketBoundaries: [...BUCKETS_S] } }),
  );
  const gauges = made(GAUGES, (metric) => meter.createObservableGauge(metric.name, headOf(metric)));
  const ofFleet = [
    ...Object.values(FLEET_COUNTERS).map((metric) => ({ metric, observable: meter.createObservableCounter(metric.name, headOf(metric)) })),
    ...Object.values(FLEET_GAUGES).map((metric) => ({ metric, observable: meter.createObservableGauge(metric.name, headOf(metric)) })),
  ];
  const { labels, stop } = measure(registry, {
    add(counter, series) {
      counters[counter].add(1, series);
    },
    record(histogram, series, seconds) {
      histograms[histogram].record(seconds, series);
    },
  });
  const shown = new Map<GaugeName, ReadonlyMap<string, Labels>>();
  const observe = (result: BatchObservableResult): void => {
    for (const [name, { aggregate }] of entriesOf(GAUGES)) {
      const readings = read(name, registry, labels);
      for (const { labels: series, value } of readings) result.observe(gauges[name], value, series);
      const now = new Map(readings.map(({ labels: series }) => [JSON.stringify(series), series]));
      // Of a lowest value: that no retry is left would be a false alarm.
      if (aggregate !== 'min') takeBack(gauges[name], shown.get(name), now, result);
      shown.set(name, now);
    }
    if (registry.fleet === undefined) return;
    for (const { metric, observable } of ofFleet) result.observe(observable, metric.read(registry.fleet));
  };
  const observed = [...Object.values(gauges), ...ofFleet.map(({ observable }) => observable)];
  meter.addBatchObservableCallback(observe, observed);
  return () => {
    stop();
    meter.removeBatchObservableCallback(observe, observed);
  };
}

/** Observes series that are gone once more, as 0: else a circuit that was open would be open for ever. */
function takeBack(
  gauge: Observable,
  before: ReadonlyMap<string, Labels> | undefined,
  now: ReadonlyMap<string, Labels>,
  result: BatchObservableResult,
): void {
  for (const [key, series] of before ?? []) {
    if (!now.has(key)) result.observe(gauge, 0, series);
  }
}

function headOf({ help, unit }: Metric): { description: string; unit?: string } {
  return { description: help, ...(unit && { unit }) };
}

function made<Name extends string, M>(table: Readonly<Record<Name, Metric>>, make: (metric: Metric) => M): Record<Name, M> {
  return Object.fromEntries(entriesOf(table).map(([name, metric]) => [name, make(metric)])) as Record<Name, M>;
}
