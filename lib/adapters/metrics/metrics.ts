/** A metric: its name as OpenTelemetry has it, and the labels that its series have. */
export interface Metric<Label extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly ('operation' | Label)[];
  /** As UCUM has it: `s`, `1` for a ratio, or what is counted, in braces. Absent for one that is 0 or 1. */
  readonly unit?: 's' | '1' | `{${string}}`;
}

/** How a metric of several processes, or of several breakers of one, is aggregated: the highest, the lowest, or the sum. */
type Aggregate = 'max' | 'min' | 'sum';

export interface GaugeMetric<Label extends string = string> extends Metric<Label> {
  readonly aggregate: Aggregate;
}

const define = <Label extends string>(name: string, unit: Metric['unit'], help: string, labels: readonly Label[] = []): Metric<Label> => ({
  name: `breaker_box.${name}`,
  help,
  labels: ['operation', ...labels],
  ...(unit && { unit }),
});

const defineGauge = <Label extends string>(aggregate: Aggregate, ...metric: Parameters<typeof define<Label>>): GaugeMetric<Label> => ({
  ...define(...metric),
  aggregate,
});

export const COUNTERS = {
  calls: define('calls', '{call}', 'Calls of protected functions that have ended', ['outcome']),
  attempts: define('attempts', '{attempt}', 'Runs of protected functions that have ended', ['kind', 'outcome']),
  rejections: define('rejections', '{rejection}', 'Calls and attempts that a policy did not let run', ['reason']),
  fallbacks: define('fallbacks', '{call}', 'Calls that got the answer of a fallback'),
  cacheLookups: define('cache.lookups', '{lookup}', 'Calls that were looked up in a cache', ['outcome']),
  transitions: define('breaker.transitions', '{transition}', 'Changes of state of circuit breakers', ['from', 'to', 'reason']),
};

export const HISTOGRAMS = {
  callDuration: define('call.duration', 's', 'Time from a call to its end in seconds, waits included', ['outcome']),
  retryDelay: define('retry.delay', 's', 'Time that calls wait before a retry, in seconds'),
};

export const GAUGES = {
  state: defineGauge('max', 'breaker.state', undefined, 'Whether the circuit breaker is in the state, 1 or 0; of several breakers, the worst', ['state']),
  failureRatio: defineGauge('max', 'breaker.failure_ratio', '1', 'Share of failures in the window, 0 to 1; of several breakers, the highest'),
  nextProbe: defineGauge('max', 'breaker.next_probe', 's', 'Time until an open circuit lets a probe pass, in seconds; 0 when it is not open'),
  retryBudget: defineGauge('min', 'retry.budget', '{retry}', 'Retries that the budget allows now; of several budgets, the least'),
  bulkheadUsage: defineGauge('sum', 'bulkhead.usage', '{call}', 'Calls that hold a slot of a bulkhead'),
  bulkheadLimit: defineGauge('sum', 'bulkhead.limit', '{call}', 'Calls that may hold a slot of a bulkhead at a time'),
  bulkheadQueued: defineGauge('sum', 'bulkhead.queued', '{call}', 'Calls that wait for a slot of a bulkhead'),
};

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

/** A label's value by its name. */
export type Labels = Readonly<Record<string, string>>;

/** Upper bounds of the histograms' buckets, in seconds: from a cache's answer to the longest waits of a retry. */
export const BUCKETS_S: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** All entries of a table of metrics. */
export function entriesOf<Name extends string, M extends Metric>(table: Readonly<Record<Name, M>>): [Name, M][] {
  return Object.entries(table) as [Name, M][];
}
