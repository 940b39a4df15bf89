import { metrics, type BatchObservableResult, type Meter, type Observable } from '@opentelemetry/api';
import * as v from 'valibot';
import { having, options, resolve } from '../../core/options';
import { measure } from '../../observe/measurements';
import { BUCKETS_S, COUNTERS, entriesOf, GAUGES, HISTOGRAMS, type GaugeName, type Metric } from '../../observe/metrics';
import { read, STATES } from '../../observe/readings';
import { requireRegistry } from '../../observe/require-registry';
import type { BreakerRegistry } from '../../registry/registry';

export interface OpenTelemetryMetricsOptions {
  /** What makes the instruments. @defaultValue the meter `breaker-box` of the global provider */
  meter?: Meter | undefined;
}

const metricsSchema = options({
  meter: v.optional(having<Meter>('a Meter of OpenTelemetry', 'createCounter', 'createHistogram', 'createObservableGauge')),
});

/**
 * Makes the metrics of a registry's operations, and keeps them. Names and attributes: docs/observability.md.
 *
 * At most 200 operations have series of their own; the rest count as `_other`. Those of a removed operation are measured no
 * more, and its states are 0 from then on: OpenTelemetry has no way to take a series back, and a reader of cumulative values
 * repeats the last of each.
 *
 * @returns A function that ends it.
 * @throws {@link ConfigurationError} when `registry` is none, or an option is wrong.
 */
export function openTelemetryMetrics(registry: BreakerRegistry, given: OpenTelemetryMetricsOptions = {}): () => void {
  const subject = 'openTelemetryMetrics';
  requireRegistry(registry, subject);
  const { meter = metrics.getMeter('breaker-box') } = resolve(metricsSchema, given, subject);
  const counters = made(COUNTERS, (metric) => meter.createCounter(metric.name, headOf(metric)));
  const histograms = made(HISTOGRAMS, (metric) =>
    meter.createHistogram(metric.name, { ...headOf(metric), advice: { explicitBucketBoundaries: [...BUCKETS_S] } }),
  );
  const gauges = made(GAUGES, (metric) => meter.createObservableGauge(metric.name, headOf(metric)));
  const gone = new Set<string>();
  const { labels, stop } = measure(registry, {
    add(counter, series) {
      counters[counter].add(1, series);
    },
    record(histogram, series, seconds) {
      histograms[histogram].record(seconds, series);
    },
    forget(operation) {
      gone.add(operation);
    },
  });
  const observe = (result: BatchObservableResult): void => {
    bury(gone, gauges.state, result);
    for (const [name] of entriesOf<GaugeName>(GAUGES)) {
      for (const { labels: series, value } of read(name, registry, labels)) result.observe(gauges[name], value, series);
    }
  };
  const observed = Object.values(gauges);
  meter.addBatchObservableCallback(observe, observed);
  return () => {
    stop();
    meter.removeBatchObservableCallback(observe, observed);
  };
}

/** Observes operations that have left once more, in no state: else a circuit that was open would be open for ever. */
function bury(gone: Set<string>, state: Observable, result: BatchObservableResult): void {
  for (const operation of gone) {
    for (const one of STATES) result.observe(state, 0, { operation, state: one });
  }
  gone.clear();
}

function headOf({ help, unit }: Metric): { description: string; unit?: string } {
  return { description: help, ...(unit && { unit }) };
}

function made<Name extends string, M>(table: Readonly<Record<Name, Metric>>, make: (metric: Metric) => M): Record<Name, M> {
  return Object.fromEntries(entriesOf(table).map(([name, metric]) => [name, make(metric)])) as Record<Name, M>;
}
