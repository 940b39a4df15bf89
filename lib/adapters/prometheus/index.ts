import { Counter, Gauge, Histogram, register as defaultRegister, type OpenMetricsContentType, type Registry } from 'prom-client';
import { ConfigurationError } from '../../core/errors';
import { optional, options, resolve } from '../../core/check';
import { having } from '../../core/options';
import { startExporter } from '../../operate/exporters';
import { FLEET_COUNTERS, FLEET_GAUGES } from '../metrics/fleet';
import { measure } from '../metrics/measurements';
import { BUCKETS_S, COUNTERS, entriesOf, GAUGES, HISTOGRAMS, type Metric } from '../metrics/metrics';
import { read } from '../metrics/readings';
import { requireRegistry } from '../../operate/require-registry';
import { placeOf } from '../../registry/place';
import type { BreakerRegistry } from '../../registry/registry';

export interface PrometheusOptions {
  /** Where the metrics are registered: a `Registry` of prom-client. @defaultValue prom-client's own, `register` */
  register?: Registry | Registry<OpenMetricsContentType> | undefined;
}

const prometheusSchema = options({
  register: optional(having<NonNullable<PrometheusOptions['register']>>('a Registry of prom-client', 'registerMetric', 'removeSingleMetric', 'getSingleMetric')),
});

/**
 * Registers the metrics of a registry's operations with prom-client, and keeps them. Names and labels: docs/observability.md.
 *
 * At most 200 operations have series of their own; the rest count as `_other`. Those of a removed operation go with it.
 *
 * Where it runs already for this registry, it replaces itself: with the same register, or when the module that starts it is loaded again.
 *
 * @returns A function that ends it, and takes the metrics out of the register.
 * @throws {@link ConfigurationError} when `registry` is none, an option is wrong, or the register has metrics of these names; then nothing was registered.
 */
export function prometheusMetrics(registry: BreakerRegistry, given: PrometheusOptions = {}): () => void {
  const subject = 'prometheusMetrics';
  requireRegistry(registry, subject);
  const { register = defaultRegister } = resolve(prometheusSchema, given, subject);
  const traits = { kind: subject, target: register, place: placeOf(prometheusMetrics) };
  return startExporter(registry, traits, () => {
    requireFree(register, subject);
    return exportTo(register, registry);
  });
}

function exportTo(register: NonNullable<PrometheusOptions['register']>, registry: BreakerRegistry): () => void {
  const registers = [register];
  const counters = made(COUNTERS, (metric) => new Counter({ ...headOf(metric), name: counterName(metric), registers }));
  const histograms = made(HISTOGRAMS, (metric) => new Histogram({ ...headOf(metric), registers, buckets: [...BUCKETS_S] }));
  const { labels, stop } = measure(registry, {
    add(counter, series) {
      counters[counter].inc(series);
    },
    record(histogram, series, seconds) {
      histograms[histogram].observe(series, seconds);
    },
    forget(operation) {
      for (const metric of [...Object.values(counters), ...Object.values(histograms)]) void dropSeries(metric, operation);
    },
  });
  for (const [name, metric] of entriesOf(GAUGES)) {
    new Gauge({
      ...headOf(metric),
      // Of the workers of a cluster, which prom-client's `AggregatorRegistry` adds up unless it is told otherwise.
      aggregator: metric.aggregate,
      registers,
      collect() {
        this.reset();
        for (const { labels: series, value } of read(name, registry, labels)) this.set(series, value);
      },
    });
  }
  for (const metric of Object.values(FLEET_COUNTERS)) {
    new Counter({
      ...headOf(metric),
      name: counterName(metric),
      registers,
      collect() {
        this.reset();
        if (registry.fleet === undefined) this.remove({});
        else this.inc(metric.read(registry.fleet));
      },
    });
  }
  for (const metric of Object.values(FLEET_GAUGES)) {
    new Gauge({
      ...headOf(metric),
      aggregator: metric.aggregate,
      registers,
      collect() {
        // Without labels a series of 0 is there from the beginning: a store that nobody has would count as away.
        if (registry.fleet === undefined) this.remove({});
        else this.set(metric.read(registry.fleet));
      },
    });
  }
  return () => {
    stop();
    for (const name of NAMES) register.removeSingleMetric(name);
  };
}

/** The base unit stands at the end of a name; dots are not allowed in one. */
function nameOf({ name, unit }: Metric): string {
  return `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}`;
}

function counterName(metric: Metric): string {
  return `${nameOf(metric)}_total`;
}

const NAMES = [
  ...[COUNTERS, FLEET_COUNTERS].flatMap((table) => Object.values<Metric>(table).map(counterName)),
  ...[HISTOGRAMS, GAUGES, FLEET_GAUGES].flatMap((table) => Object.values<Metric>(table).map(nameOf)),
];

function headOf(metric: Metric): { name: string; help: string; labelNames: string[] } {
  return { name: nameOf(metric), help: metric.help, labelNames: [...metric.labels] };
}

function made<Name extends string, M>(table: Readonly<Record<Name, Metric>>, make: (metric: Metric) => M): Record<Name, M> {
  return Object.fromEntries(entriesOf(table).map(([name, metric]) => [name, make(metric)])) as Record<Name, M>;
}

/** prom-client would refuse the first name that is taken, when others are registered already. */
function requireFree(register: NonNullable<PrometheusOptions['register']>, subject: string): void {
  const taken = NAMES.filter((name) => register.getSingleMetric(name) !== undefined);
  if (taken.length === 0) return;
  const message = `has ${taken.join(', ')} already: give each BreakerRegistry a register of its own, and end the first before a second`;
  throw new ConfigurationError(subject, [{ path: 'register', message, received: register }]);
}

/** prom-client removes one series at a time. Those of a histogram are told by `le` as well, which is no label of its own. */
async function dropSeries(metric: Counter | Histogram, operation: string): Promise<void> {
  for (const { labels } of (await metric.get()).values) {
    if (labels['operation'] === operation && !('le' in labels)) metric.remove(labels as Record<string, string>);
  }
}
