import { metrics, trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { BreakerRegistry, withBreaker, type Breaker } from '../../lib';
import { logTransitions } from '../../lib/operate';
import { openTelemetryMetrics, openTelemetryTraces } from '../../lib/adapters/opentelemetry';
import { prometheusMetrics } from '../../lib/adapters/prometheus';
import { memoryStore, shareBreakers } from '../../lib/fleet';
import { TimerClock } from '../support/timer-clock';

const meter = metrics.getMeter('spec');
const tracer = trace.getTracer('spec');
let registry: BreakerRegistry;
let breaker: Breaker;

beforeEach(() => {
  registry = new BreakerRegistry();
  breaker = withBreaker(async () => 'it', { registry, name: 'pay' }).breaker!;
});

/** Evaluates a module that starts an exporter, as a hot reload does. */
function load<T>(version: number, start: () => T): T {
  const evaluate = new Function('start', `return start();\n//# sourceURL=https://app.test/metrics.js?t=${version}`) as (start: () => T) => T;
  const loader = { _execModule: () => evaluate(start) };
  return loader._execModule();
}

function logger() {
  const lines: string[] = [];
  return { lines, warn: (_fields: object, line: string) => lines.push(line), info: () => undefined };
}

describe('rule 55: an exporter that is registered again replaces itself', () => {
  it('logs: with the same logger, whose lines are not doubled', () => {
    const log = logger();
    const ends = [logTransitions(registry, log), logTransitions(registry, log)];
    breaker.trip();
    expect(log.lines).toHaveLength(1);
    ends[0]!(); // it has ended, and ends no other
    breaker.reset();
    breaker.trip();
    expect(log.lines).toHaveLength(2);
    ends[1]!();
    breaker.reset();
    breaker.trip();
    expect(log.lines).toHaveLength(2);
  });

  it('logs: with another logger only when its module is loaded again', () => {
    const [one, other, reloaded] = [logger(), logger(), logger()];
    const end = load(1, () => logTransitions(registry, one));
    logTransitions(registry, other);
    breaker.trip();
    load(2, () => logTransitions(registry, reloaded));
    breaker.reset();
    breaker.trip();
    end();
    expect([one, other, reloaded].map(({ lines }) => lines.length)).toEqual([1, 2, 1]);
  });

  it('metrics of Prometheus: in the same register, or in another one when its module is loaded again', async () => {
    const register = new Registry();
    prometheusMetrics(registry, { register });
    const end = prometheusMetrics(registry, { register });
    breaker.trip();
    expect(await register.metrics()).toMatch(/breaker_box_breaker_transitions_total\{operation="pay",from="closed",to="open",reason="\w+"\} 1/);
    end();
    expect(register.getMetricsAsArray()).toEqual([]);

    const [old, renewed] = [new Registry(), new Registry()];
    load(1, () => prometheusMetrics(registry, { register: old }));
    load(2, () => prometheusMetrics(registry, { register: renewed }));
    expect([old, renewed].map((one) => one.getMetricsAsArray().length > 0)).toEqual([false, true]);
  });

  it.each<[string, () => () => void]>([
    ['metrics of OpenTelemetry', () => openTelemetryMetrics(registry)],
    ['metrics of OpenTelemetry, of a meter', () => openTelemetryMetrics(registry, { meter })],
    ['traces of OpenTelemetry', () => openTelemetryTraces(registry)],
    ['traces of OpenTelemetry, of a tracer', () => openTelemetryTraces(registry, { tracer })],
  ])('%s: what listened before listens no more', (_what, start) => {
    const on = jest.spyOn(registry, 'on');
    const live = new Set<object>();
    on.mockImplementation(() => {
      const listener = {};
      live.add(listener);
      return () => live.delete(listener);
    });
    start();
    const alone = live.size;
    const end = start();
    expect([live.size, alone > 0]).toEqual([alone, true]);
    end();
    expect(live.size).toBe(0);
    on.mockRestore();
  });

  it('the sharing of breakers: when its module is loaded again', () => {
    const clock = new TimerClock();
    const shared = new BreakerRegistry({ clock });
    const first = load(1, () => shareBreakers(shared, memoryStore({ clock })));
    const second = load(2, () => shareBreakers(shared, memoryStore({ clock })));
    expect(() => shareBreakers(shared, memoryStore({ clock }))).toThrow('is shared already');
    first.stop();
    expect(shared.fleet).toBeDefined();
    second.stop();
    expect(shared.fleet).toBeUndefined();
  });

  /** A module that waits, as Vite and Vitest run it. */
  async function run<T>(start: (n: number) => T): Promise<T[]> {
    const source = 'return (async () => { const all = []; for (const n of [0, 1]) { await null; all.push(start(n)); } return all; })()\n//# sourceURL=https://app.test/waits.js';
    const evaluate = new Function('start', source) as (start: (n: number) => T) => Promise<T[]>;
    const loader = {
      async runInlinedModule(): Promise<T[]> {
        return await evaluate(start);
      },
    };
    return await loader.runInlinedModule();
  }

  it('logs: not where one load of a module starts several, and waits in between', async () => {
    const logs = [logger(), logger()];
    await run((n) => logTransitions(registry, logs[n]!));
    breaker.trip();
    expect(logs.map(({ lines }) => lines.length)).toEqual([1, 1]);
  });

  it('the sharing of breakers: at the same place of its module too, for a registry has only one', async () => {
    const clock = new TimerClock();
    const shared = new BreakerRegistry({ clock });
    const [, second] = await run(() => shareBreakers(shared, memoryStore({ clock })));
    second!.stop();
    expect(shared.fleet).toBeUndefined();
  });
});
