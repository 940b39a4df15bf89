/** A metric: its name as OpenTelemetry has it (Prometheus: dots as underscores), and the labels that its series have. */
export interface Metric<Label extends string = string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly ('operation' | Label)[];
  /** `s` where it is a time. */
  readonly unit?: 's';
}

const define = <Label extends string>(name: string, help: string, labels: readonly Label[], unit?: 's'): Metric<Label> => ({
  name: `breaker_box.${name}`,
  help,
  labels: ['operation', ...labels],
  ...(unit && { unit }),
});

export const COUNTERS = {
  calls: define('calls', 'Calls of protected functions that have ended', ['outcome']),
  attempts: define('attempts', 'Runs of protected functions that have ended', ['kind', 'outcome']),
  transitions: define('breaker.transitions', 'Changes of state of circuit breakers', ['from', 'to', 'reason']),
};

export const HISTOGRAMS = {
  callDuration: define('call.duration', 'Time from a call to its end in seconds, waits included', ['outcome'], 's'),
  retryDelay: define('retry.delay', 'Time that calls wait before a retry, in seconds', [], 's'),
};

export const GAUGES = {
  state: define('breaker.state', 'Whether the circuit breaker is in the state, 1 or 0; of several breakers, the worst', ['state']),
  failureRatio: define('breaker.failure_ratio', 'Share of failures in the window, 0 to 1; of several breakers, the highest', []),
  nextProbe: define('breaker.next_probe', 'Time until an open circuit lets a probe pass, in seconds; 0 when it is not open', [], 's'),
  retryBudget: define('retry.budget', 'Retries that the budget allows now', []),
};

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;
export type GaugeName = keyof typeof GAUGES;

/** A label's value by its name. */
export type Labels = Readonly<Record<string, string>>;

/** Upper bounds of the histograms' buckets, in seconds: from a cache's answer to the longest waits of a retry. */
export const BUCKETS_S: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** All entries of a table of metrics. */
export function entriesOf<Name extends string>(table: Readonly<Record<Name, Metric>>): [Name, Metric][] {
  return Object.entries(table) as [Name, Metric][];
}
