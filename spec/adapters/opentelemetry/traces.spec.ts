import { context, trace, SpanStatusCode } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BreakerRegistry, ConfigurationError, withBreaker, withPolicies } from '../../../lib';
import { openTelemetryTraces, type OpenTelemetryTracesOptions } from '../../../lib/adapters/opentelemetry';
import { sleep } from '../../../lib/core/timer';
import { fails, pending, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('test');

let clock: TimerClock;
let registry: BreakerRegistry;
let stop: () => void;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterAll(() => {
  context.disable();
});

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
});

afterEach(() => {
  stop();
  exporter.reset();
});

function listen(options?: OpenTelemetryTracesOptions): void {
  stop = openTelemetryTraces(registry, options);
}

/** Runs something in a span of its own, to that span as it was exported. */
async function inSpan(name: string, fn: () => Promise<unknown>): Promise<ReadableSpan> {
  await tracer.startActiveSpan(name, async (span) => {
    await Promise.allSettled([fn()]);
    span.end();
  });
  return exporter.getFinishedSpans().find((span) => span.name === name)!;
}

const eventsOf = ({ events }: ReadableSpan) => events.map(({ name, attributes }) => [name, attributes]);

describe('the span that is active at a call', () => {
  it('tells the operation, how the call ended, and its breaker’s state', async () => {
    listen();
    const call = withBreaker(scripted(works(), fails()), { name: 'a', registry, failureThreshold: 1 });
    const good = await inSpan('good', call);
    const bad = await inSpan('bad', call);
    expect(good.attributes).toEqual({ 'breaker_box.operation': 'a', 'breaker_box.outcome': 'success', 'breaker_box.state': 'closed' });
    expect(bad.attributes).toEqual({ 'breaker_box.operation': 'a', 'breaker_box.outcome': 'failure', 'breaker_box.state': 'open' });
  });

  it('tells each retry', async () => {
    listen();
    const call = withPolicies(scripted(fails(new RangeError('down')), works()), { name: 'a', registry, retry: { baseDelay: 200, jitter: false } });
    const span = inSpan('request', call);
    await clock.advance(200);
    expect(eventsOf(await span)).toEqual([
      ['breaker_box.retry', { 'breaker_box.operation': 'a', 'breaker_box.attempt': 1, 'breaker_box.delay': 0.2, 'error.type': 'RangeError' }],
    ]);
  });

  it('tells a rejection by the breaker, and by another policy, once each', async () => {
    listen();
    const open = withBreaker(scripted(works()), { name: 'open', registry, recoveryTimeout: 5000 });
    open.breaker!.trip();
    const limited = withPolicies(scripted(works()), { name: 'limited', registry, rateLimit: { limit: 1, interval: '1m' } });
    await limited();
    expect(eventsOf(await inSpan('open', open))).toEqual([
      ['breaker_box.rejection', { 'breaker_box.operation': 'open', 'breaker_box.code': 'BREAKER_OPEN', 'breaker_box.state': 'open', 'breaker_box.retry_after': 5 }],
    ]);
    expect(eventsOf(await inSpan('limited', limited))).toEqual([
      ['breaker_box.rejection', { 'breaker_box.operation': 'limited', 'breaker_box.code': 'BREAKER_RATE_LIMITED' }],
    ]);
  });

  it('is that of the caller, also when the end of the call comes from a timer that many calls share', async () => {
    listen();
    const call = withPolicies(pending(), { name: 'a', registry, breaker: {}, timeout: 50 });
    const spans = [inSpan('one', call), inSpan('other', () => Promise.reject(new Error()))];
    await clock.advance(50);
    const [one, other] = await Promise.all(spans);
    expect(one!.attributes).toMatchObject({ 'breaker_box.outcome': 'timeout' });
    expect(other!.attributes).toEqual({});
  });

  it('needs not be there', async () => {
    listen({ attempts: true, tracer });
    const call = withBreaker(scripted(works('it'), fails()), { name: 'a', registry, failureThreshold: 1 });
    expect(await call()).toBe('it');
    await rejectionOf(call());
    await rejectionOf(call());
  });

  it('is left alone when listening has ended', async () => {
    listen();
    stop();
    const { attributes } = await inSpan('request', withBreaker(scripted(works()), { name: 'a', registry }));
    expect(attributes).toEqual({});
  });
});

describe('spans of attempts', () => {
  it('are made when they are asked for, as children of the active span, and last as long as the attempt', async () => {
    listen({ attempts: true, tracer });
    const steps = [fails(new RangeError('down')), works()];
    const call = withPolicies(
      async () => {
        await sleep(30, clock);
        const step = steps.shift()!;
        if ('error' in step) throw step.error;
      },
      { name: 'a', registry, retry: { baseDelay: 200, jitter: false } },
    );
    const startedAt = clock.wallTime();
    const span = inSpan('request', call);
    await clock.advance(1000);
    const parent = await span;
    const attempts = exporter.getFinishedSpans().filter(({ name }) => name === 'a attempt');
    expect(attempts.map(({ attributes }) => attributes)).toEqual([
      { 'breaker_box.operation': 'a', 'breaker_box.attempt': 1, 'breaker_box.kind': 'first', 'breaker_box.outcome': 'failure', 'error.type': 'RangeError' },
      { 'breaker_box.operation': 'a', 'breaker_box.attempt': 2, 'breaker_box.kind': 'retry', 'breaker_box.outcome': 'success' },
    ]);
    expect(attempts.map(({ startTime, endTime }) => [toMs(startTime) - startedAt, toMs(endTime) - startedAt])).toEqual([[0, 30], [230, 260]]);
    expect(attempts.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.UNSET]);
    expect(new Set(attempts.map(({ parentSpanContext }) => parentSpanContext?.spanId))).toEqual(new Set([parent.spanContext().spanId]));
  });

  it('are no errors where the caller cancelled (rule 40)', async () => {
    listen({ attempts: true, tracer });
    const cancelled = Object.assign(new Error('canceled'), { code: 'ERR_CANCELED' });
    await withBreaker(scripted(fails(cancelled)), { name: 'a', registry })().catch(() => undefined);
    expect(exporter.getFinishedSpans().map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET]);
  });

  it('come from the global provider’s tracer when none is given', async () => {
    trace.setGlobalTracerProvider(provider);
    listen({ attempts: true });
    await withBreaker(scripted(works()), { name: 'global', registry })();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(['global attempt']);
    trace.disable();
  });
});

it('refuses what is no registry, and wrong options', () => {
  expect(() => openTelemetryTraces({} as never)).toThrow(ConfigurationError);
  expect(() => openTelemetryTraces(registry, { attempts: 1 as never, tracer: {} as never })).toThrow(/attempts[^]*tracer/);
});

const toMs = ([seconds, nanoseconds]: [number, number]): number => seconds * 1000 + Math.round(nanoseconds / 1e6);
