import { SpanStatusCode, trace, type Attributes, type Tracer } from '@opentelemetry/api';
import { isCancelled } from '../../core/cancelled';
import { hasCode } from '../../core/errors';
import { optional, options, resolve } from '../../core/check';
import { flag, having } from '../../core/options';
import { asText, describeThrown, propertyOf } from '../../core/safe-inspect';
import { startExporter } from '../../operate/exporters';
import { outcomeOf } from '../metrics/measurements';
import { requireRegistry } from '../../operate/require-registry';
import type { RejectEvent } from '../../breaker/events';
import type { RetryEvent } from '../../retry/retrying-call';
import type { AttemptEndEvent, CallEvent } from '../../registry/events';
import { placeOf } from '../../registry/place';
import type { BreakerRegistry } from '../../registry/registry';

export interface OpenTelemetryTracesOptions {
  /** Whether each attempt gets a span of its own, a child of the one that was active at the call. @defaultValue false */
  attempts?: boolean | undefined;
  /** The tracer that makes those spans. @defaultValue the tracer `breaker-box` of the global provider */
  tracer?: Tracer | undefined;
}

const tracesSchema = /* @__PURE__ */ options({
  attempts: optional(flag(), false),
  tracer: optional(having<Tracer>(__DEV__ && 'a Tracer of OpenTelemetry', 'startSpan')),
});

/**
 * Tells the span that is active at a call of it: attributes `breaker_box.operation`, `.state` (its breaker's) and `.outcome`
 * (as the metric's) at its end, and an event for each retry and rejection. Of several calls under one span, the attributes
 * are those of the last to end.
 *
 * Which span is active is what the context manager of the program's SDK knows; without one, none is.
 *
 * Where it runs already for this registry, it replaces itself: with the same tracer, or when the module that starts it is loaded again.
 *
 * @returns A function that ends it.
 * @throws {@link ConfigurationError} when `registry` is none, or an option is wrong.
 */
export function openTelemetryTraces(registry: BreakerRegistry, given: OpenTelemetryTracesOptions = {}): () => void {
  const subject = 'openTelemetryTraces';
  requireRegistry(registry, subject);
  const { attempts, tracer = trace.getTracer('breaker-box') } = resolve(tracesSchema, given, subject);
  return startExporter(registry, { kind: subject, target: given.tracer ?? trace, place: placeOf(openTelemetryTraces) }, () => {
    const stops = [
      registry.on('call', tellCall),
      registry.on('retry', tellRetry),
      registry.on('reject', tellReject),
      ...(attempts ? [registry.on('attempt', (event) => spanOf(tracer, event))] : []),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  });
}

function tellCall(event: CallEvent): void {
  const span = trace.getActiveSpan();
  if (span === undefined) return;
  const { operation, state, error, outcome } = event;
  span.setAttributes({
    'breaker_box.operation': operation,
    'breaker_box.outcome': outcomeOf(event),
    ...(state !== undefined && { 'breaker_box.state': state }),
  });
  // Of its breaker's rejections, each has been told.
  if (outcome !== 'rejected' || hasCode(error, 'BREAKER_OPEN')) return;
  span.addEvent('breaker_box.rejection', { 'breaker_box.operation': operation, 'breaker_box.code': asText(propertyOf(error, 'code')) });
}

function tellReject({ operation, state, retryAfter }: RejectEvent): void {
  trace.getActiveSpan()?.addEvent('breaker_box.rejection', {
    'breaker_box.operation': operation,
    'breaker_box.code': 'BREAKER_OPEN',
    'breaker_box.state': state,
    ...(retryAfter !== Infinity && { 'breaker_box.retry_after': retryAfter / 1000 }),
  });
}

function tellRetry({ operation, attempt, delay, error }: RetryEvent): void {
  trace.getActiveSpan()?.addEvent('breaker_box.retry', {
    'breaker_box.operation': operation,
    'breaker_box.attempt': attempt,
    'breaker_box.delay': delay / 1000,
    ...(error !== undefined && { 'error.type': typeOf(error) }),
  });
}

/** A span made when the attempt is over: the function ran in the caller's context, whose active span is its parent. */
function spanOf(tracer: Tracer, event: AttemptEndEvent): void {
  const { operation, at, duration, error } = event;
  const span = tracer.startSpan(`${operation} attempt`, { startTime: at - duration, attributes: attributesOf(event) });
  if (event.outcome === 'failure' && !isCancelled(error)) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
  span.end(at);
}

function attributesOf({ operation, attempt, kind, outcome, error }: AttemptEndEvent): Attributes {
  return {
    'breaker_box.operation': operation,
    'breaker_box.attempt': attempt,
    'breaker_box.kind': kind,
    'breaker_box.outcome': outcome,
    ...(error !== undefined && { 'error.type': typeOf(error) }),
  };
}

/** The name of an error; the type of what else was thrown. */
function typeOf(error: unknown): string {
  const { name } = describeThrown(error);
  return typeof error === 'object' && typeof propertyOf(error, 'name') === 'string' ? name : typeof error;
}

function messageOf(error: unknown): string {
  const { name, message } = describeThrown(error);
  return typeof error === 'object' ? `${name}: ${message}` : message;
}
