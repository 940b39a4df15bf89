import { isCancelled } from '../../core/cancelled';
import { codeFrom } from '../../core/errors';
import type { TransitionEvent } from '../../breaker/events';
import { knownReason, type TransitionReason } from '../../breaker/reasons';
import type { CallEvent } from '../../registry/events';
import type { BreakerRegistry } from '../../registry/registry';
import type { CounterName, HistogramName, Labels } from './metrics';
import { OperationLabels } from './operation-labels';

/** Receives the measurements: an exporter implements it. */
export interface Instruments {
  add(counter: CounterName, labels: Labels): void;
  record(histogram: HistogramName, labels: Labels, seconds: number): void;
  /** An operation has left: its series go with it, where that is possible. */
  forget?(operation: string): void;
}

/**
 * Turns the events of a registry into measurements.
 *
 * @returns The labels of its operations, and a function that ends it.
 */
export function measure(registry: BreakerRegistry, instruments: Instruments): { readonly labels: OperationLabels; readonly stop: () => void } {
  const labels = new OperationLabels(registry);
  const of = (operation: string, others: Labels): Labels | undefined => {
    const label = labels.of(operation);
    return label === undefined ? undefined : { operation: label, ...others };
  };
  const count = (counter: CounterName, operation: string, others: Labels = {}): void => {
    const series = of(operation, others);
    if (series !== undefined) instruments.add(counter, series);
  };
  const rejections = Object.entries(REJECTIONS).map(([type, reason]) =>
    registry.on(type as keyof typeof REJECTIONS, ({ operation }) => {
      count('rejections', operation, { reason });
    }),
  );
  const stops = [
    ...rejections,
    registry.on('call', (event) => {
      const series = of(event.operation, { outcome: outcomeOf(event) });
      if (series === undefined) return;
      instruments.add('calls', series);
      instruments.record('callDuration', series, event.duration / 1000);
    }),
    registry.on('attempt', ({ operation, kind, outcome }) => {
      count('attempts', operation, { kind, outcome });
    }),
    registry.on('transition', (event) => {
      count('transitions', event.operation, { from: event.from, to: event.to, reason: reasonOf(event) });
    }),
    registry.on('fallback', ({ operation }) => {
      count('fallbacks', operation);
    }),
    registry.on('cache', ({ operation, outcome }) => {
      count('cacheLookups', operation, { outcome });
    }),
    registry.on('retry', ({ operation, delay }) => {
      const series = of(operation, {});
      if (series !== undefined) instruments.record('retryDelay', series, delay / 1000);
    }),
    registry.on('remove', ({ operation }) => {
      if (labels.release(operation)) instruments.forget?.(operation);
    }),
  ];
  return {
    labels,
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

/** The events of rejections, and the reason that metrics give. */
const REJECTIONS = { reject: 'open', bulkhead: 'bulkhead', rateLimit: 'rate_limit', throttle: 'throttle' } as const;

/** How a call ended: as its breaker counted it, unless a policy ended it. */
export function outcomeOf({ operation, outcome, counted, error }: CallEvent): NonNullable<CallEvent['counted']> | 'rejected' | 'timeout' {
  if (outcome === 'rejected') return 'rejected';
  if (codeFrom(operation, error) === 'BREAKER_TIMEOUT') return 'timeout';
  // The caller's abort may have come before any attempt.
  return counted ?? (isCancelled(error) ? 'ignored' : outcome);
}

/** The text of `trip`, or of a trip rule of the user's own, may be another one each time. */
function reasonOf({ reason, tripped }: TransitionEvent): TransitionReason {
  return tripped === true ? 'trip' : knownReason(reason);
}
