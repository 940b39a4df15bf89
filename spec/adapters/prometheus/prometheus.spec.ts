import { register as defaultRegister, Counter, Registry } from 'prom-client';
import { breakerOf, BreakerRegistry, ConfigurationError, OperationTimeoutError, RetryBudget, withBreaker, withBreakerSync, withPolicies } from '../../../lib';
import { prometheusMetrics } from '../../../lib/adapters/prometheus';
import { sleep } from '../../../lib/core/timer';
import { fails, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { collectGarbage } from '../../registry/support/collect-garbage';
import { obtain } from '../../../lib/registry/breakers';
import { TestFleet } from '../../fleet/support/fleet';
import { collectWarnings } from '../../registry/support/warnings';
import { TimerClock } from '../../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;
let register: Registry;
let stop: () => void;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  register = new Registry();
  stop = prometheusMetrics(registry, { register });
});

/** The lines of a metric, without those that say 0. */
async function lines(metric: string): Promise<string[]> {
  const all = (await register.metrics()).split('\n');
  return all.filter((line) => (line.startsWith(`${metric}{`) || line.startsWith(`${metric} `)) && !line.endsWith(' 0')).sort();
}

const abort = () => new DOMException('enough', 'AbortError');

describe('prometheusMetrics', () => {
  it('counts calls by outcome, as their breaker counted them', async () => {
    const options = { name: 'a', registry, handle: RangeError, handleResult: (value: unknown) => value === 503 };
    const steps = [works(), works(503), fails(new RangeError('down')), fails(new TypeError('404')), fails(abort()), works()];
    const call = withBreaker(scripted(...steps), options);
    for (const _step of steps) await call().catch(() => undefined);
    call.breaker!.trip();
    await rejectionOf(call());
    expect(await lines('breaker_box_calls_total')).toEqual([
      'breaker_box_calls_total{operation="a",outcome="failure"} 2',
      'breaker_box_calls_total{operation="a",outcome="ignored"} 1',
      'breaker_box_calls_total{operation="a",outcome="rejected"} 1',
      'breaker_box_calls_total{operation="a",outcome="success"} 3',
    ]);
  });

  it('tells timeouts and late results from failures and successes', async () => {
    const call = withPolicies(
      (ms: number) => sleep(ms, clock),
      { name: 'a', registry, breaker: {}, timeout: 50 },
    );
    const slow = rejectionOf(call(100));
    await clock.advance(50);
    expect(await slow).toBeInstanceOf(OperationTimeoutError);
    const late = call(10);
    call.breaker!.reset();
    await clock.advance(10);
    await late;
    expect(await lines('breaker_box_calls_total')).toEqual([
      'breaker_box_calls_total{operation="a",outcome="late"} 1',
      'breaker_box_calls_total{operation="a",outcome="timeout"} 1',
    ]);
  });

  it('counts a call that its caller aborted before its first attempt as ignored', async () => {
    const call = withPolicies(scripted(works()), { name: 'a', registry, retry: { signal: AbortSignal.abort() } });
    await rejectionOf(call());
    expect(await lines('breaker_box_calls_total')).toEqual(['breaker_box_calls_total{operation="a",outcome="ignored"} 1']);
  });

  it('forgets the series of a function that was garbage-collected', async () => {
    const wrapAndDrop = () => withBreaker(Object.defineProperty(async () => 1, 'name', { value: 'temporary' }), { registry })();
    await wrapAndDrop();
    expect(await register.metrics()).toContain('operation="temporary"');
    // The name is gone as soon as it is collected, the series when the registry is told.
    const removed = jest.fn();
    registry.on('remove', removed);
    await collectGarbage(() => removed.mock.calls.length === 1);
    expect(await register.metrics()).not.toContain('temporary');
  });

  it('counts attempts by kind, and the delays between them', async () => {
    const call = withPolicies(scripted(fails(), fails(), works()), {
      name: 'a', registry, retry: { baseDelay: 200, jitter: false, backoff: 'fixed', waitForCircuit: true, maxElapsed: '1m' }, breaker: { failureThreshold: 2, recoveryTimeout: 100 },
    });
    await clock.until(call());
    expect(await lines('breaker_box_attempts_total')).toEqual([
      'breaker_box_attempts_total{operation="a",kind="first",outcome="failure"} 1',
      'breaker_box_attempts_total{operation="a",kind="probe",outcome="success"} 1',
      'breaker_box_attempts_total{operation="a",kind="retry",outcome="failure"} 1',
    ]);
    expect(await lines('breaker_box_retry_delay_seconds_count')).toEqual(['breaker_box_retry_delay_seconds_count{operation="a"} 2']);
    expect(await lines('breaker_box_retry_delay_seconds_sum')).toEqual(['breaker_box_retry_delay_seconds_sum{operation="a"} 0.4']);
  });

  it('measures calls in seconds, waits included', async () => {
    const call = withPolicies(scripted(fails(), works()), { name: 'a', registry, retry: { baseDelay: 200, jitter: false } });
    await clock.until(call());
    expect(await lines('breaker_box_call_duration_seconds_sum')).toEqual(['breaker_box_call_duration_seconds_sum{operation="a",outcome="success"} 0.2']);
    expect(await lines('breaker_box_call_duration_seconds_bucket')).toContain('breaker_box_call_duration_seconds_bucket{le="0.25",operation="a",outcome="success"} 1');
    expect(await lines('breaker_box_call_duration_seconds_bucket')).not.toContain('breaker_box_call_duration_seconds_bucket{le="0.1",operation="a",outcome="success"} 1');
  });

  it('shows the state of each breaker as it is at the scrape, without a call', async () => {
    const { breaker } = withBreaker(scripted(works()), { name: 'a', registry, recoveryTimeout: 5000 });
    expect(await lines('breaker_box_breaker_state')).toEqual(['breaker_box_breaker_state{operation="a",state="closed"} 1']);
    breaker!.trip();
    await clock.advance(2000);
    expect(await lines('breaker_box_breaker_state')).toEqual(['breaker_box_breaker_state{operation="a",state="open"} 1']);
    expect(await lines('breaker_box_breaker_next_probe_seconds')).toEqual(['breaker_box_breaker_next_probe_seconds{operation="a"} 3']);
    await clock.advance(3000);
    expect(await lines('breaker_box_breaker_state')).toEqual(['breaker_box_breaker_state{operation="a",state="half_open"} 1']);
    expect(await lines('breaker_box_breaker_next_probe_seconds')).toEqual([]);
  });

  it('counts transitions; what an operator gave as a reason is no label', async () => {
    const call = withBreaker(scripted(fails()), { name: 'a', registry, failureThreshold: 1 });
    await rejectionOf(call());
    call.breaker!.reset();
    call.breaker!.trip(`maintenance of ${clock.wallTime()}`);
    expect(await lines('breaker_box_breaker_transitions_total')).toEqual([
      'breaker_box_breaker_transitions_total{operation="a",from="closed",to="open",reason="failure_threshold"} 1',
      'breaker_box_breaker_transitions_total{operation="a",from="closed",to="open",reason="trip"} 1',
      'breaker_box_breaker_transitions_total{operation="a",from="open",to="closed",reason="reset"} 1',
    ]);
  });

  it.each(['fleet', 'failure_rate', 'restored'])('counts a trip as one when it is told a reason of the breaker’s own: %s', async (reason) => {
    breakerOf('a', undefined, registry).trip(reason);
    expect(await lines('breaker_box_breaker_transitions_total')).toEqual(['breaker_box_breaker_transitions_total{operation="a",from="closed",to="open",reason="trip"} 1']);
  });

  // Rule 63: a process that followed the others was not tripped by its operator.
  it('counts what other processes did with the reason fleet', async () => {
    const fleet = new TestFleet();
    const [first, second, third] = await fleet.ready(3);
    stop();
    stop = prometheusMetrics(third!.registry, { register });
    fleet.dependency.isUp = false;
    await first!.fail();
    await second!.fail();
    await fleet.settle();
    expect(await lines('breaker_box_breaker_transitions_total')).toEqual(['breaker_box_breaker_transitions_total{operation="pay",from="closed",to="open",reason="fleet"} 1']);
    third!.sharing.stop();
    third!.breaker.reset();
    third!.breaker.trip();
    expect(await lines('breaker_box_breaker_transitions_total')).toContain('breaker_box_breaker_transitions_total{operation="pay",from="closed",to="open",reason="trip"} 1');
  });

  it('shows the share of failures, and what is left of the retry budget', async () => {
    const budget = new RetryBudget({ quota: 10 });
    const call = withPolicies(scripted(fails(), works()), { name: 'a', registry, cache: '1m', retry: { budget, baseDelay: 1, maxAttempts: 1 }, breaker: {} });
    await rejectionOf(call());
    await clock.until(call());
    budget.withdraw(undefined);
    expect(await lines('breaker_box_breaker_failure_ratio')).toEqual(['breaker_box_breaker_failure_ratio{operation="a"} 0.5']);
    expect(await lines('breaker_box_retry_budget')).toEqual(['breaker_box_retry_budget{operation="a"} 9']);
  });

  it('counts synchronous calls and streams', async () => {
    withBreakerSync(() => 1, { name: 'sync', registry })();
    for await (const _item of withBreaker(async function* () { yield 1; }, { name: 'stream', registry })());
    expect(await lines('breaker_box_calls_total')).toEqual([
      'breaker_box_calls_total{operation="stream",outcome="success"} 1',
      'breaker_box_calls_total{operation="sync",outcome="success"} 1',
    ]);
  });

  it('has no label for keys: a keyed operation shows its worst breaker', async () => {
    const call = withBreaker(async (_host: string) => undefined, { name: 'fetch', key: (host) => host, registry });
    await call('a.test');
    await call('b.test');
    call.breakers.get('b.test')!.trip();
    expect(await lines('breaker_box_breaker_state')).toEqual(['breaker_box_breaker_state{operation="fetch",state="open"} 1']);
    expect(await lines('breaker_box_calls_total')).toEqual(['breaker_box_calls_total{operation="fetch",outcome="success"} 2']);
    expect(await register.metrics()).not.toContain('.test');
  });

  it('reads as many keys as an operation may have', async () => {
    // More than there may be arguments of a call.
    const maxKeys = 150_000;
    withBreaker(async (_user: string) => undefined, { name: 'fetch', key: (user) => user, maxKeys, registry });
    const operation = registry.table.get('fetch')!;
    for (let n = 0; n < maxKeys; n++) obtain(operation, `user ${n}`);
    registry.get('fetch', 'user 7')!.trip();
    expect(await lines('breaker_box_breaker_state')).toEqual(['breaker_box_breaker_state{operation="fetch",state="open"} 1']);
  });

  it('escapes any name', async () => {
    withBreakerSync(() => 1, { name: '__proto__', registry })();
    withBreakerSync(() => 1, { name: 'a"b\nc\\', registry })();
    expect(await lines('breaker_box_calls_total')).toEqual([
      'breaker_box_calls_total{operation="__proto__",outcome="success"} 1',
      String.raw`breaker_box_calls_total{operation="a\"b\nc\\",outcome="success"} 1`,
    ]);
  });

  it('forgets the series of an operation that was removed, and does not bring them back when its last calls end', async () => {
    const call = withPolicies(scripted(fails(), works()), { name: 'a', registry, retry: { baseDelay: 100 }, breaker: {} });
    withBreakerSync(() => 1, { name: 'b', registry })();
    await clock.until(call());
    const running = call();
    registry.delete('a');
    await running;
    const text = await register.metrics();
    expect(text).not.toContain('operation="a"');
    expect(text).toContain('breaker_box_calls_total{operation="b",outcome="success"} 1');
  });

  it('counts anew when the operation registers again', async () => {
    const call = withBreaker(scripted(works()), { name: 'a', registry });
    await call();
    registry.delete('a');
    await call();
    expect(await lines('breaker_box_calls_total')).toEqual(['breaker_box_calls_total{operation="a",outcome="success"} 1']);
  });

  it('tells two hundred operations apart, the rest together as _other, and warns once; who leaves makes room', async () => {
    const warnings = collectWarnings();
    for (let n = 0; n < 203; n++) withBreakerSync(() => 1, { name: `operation ${n}`, registry })();
    breakerOf('operation 202', undefined, registry).trip();
    expect(await lines('breaker_box_calls_total')).toHaveLength(201);
    expect(await lines('breaker_box_calls_total')).toContain('breaker_box_calls_total{operation="_other",outcome="success"} 3');
    expect(await lines('breaker_box_breaker_state')).toContain('breaker_box_breaker_state{operation="_other",state="open"} 1');
    expect(warnings.codes()).toEqual(['BREAKER_BOX_METRICS']);
    registry.delete('operation 0');
    withBreakerSync(() => 1, { name: 'operation 203', registry })();
    expect(await lines('breaker_box_calls_total')).toContain('breaker_box_calls_total{operation="operation 203",outcome="success"} 1');
    warnings.stop();
  });

  it('ends without a trace', async () => {
    const call = withBreaker(scripted(works()), { name: 'a', registry });
    stop();
    await call();
    expect((await register.metrics()).trim()).toBe('');
    expect(registry.events.hot).toBe(false);
    prometheusMetrics(registry, { register });
  });

  it('uses prom-client’s own register when none is given', async () => {
    const end = prometheusMetrics(registry);
    breakerOf('a', undefined, registry);
    expect(await defaultRegister.metrics()).toContain('breaker_box_breaker_state{operation="a",state="closed"} 1');
    end();
    expect(defaultRegister.getMetricsAsArray()).toEqual([]);
  });

  it('refuses a register that has such metrics, and registers nothing then', () => {
    const other = new Registry();
    new Counter({ name: 'breaker_box_attempts_total', help: 'somebody else’s', registers: [other] });
    expect(() => prometheusMetrics(registry, { register: other })).toThrow(/breaker_box_attempts_total/);
    expect(() => prometheusMetrics(new BreakerRegistry(), { register })).toThrow(ConfigurationError);
    expect(other.getMetricsAsArray()).toHaveLength(1);
  });

  it('refuses what is no registry, and wrong options', () => {
    expect(() => prometheusMetrics({} as never, { register })).toThrow(ConfigurationError);
    expect(() => prometheusMetrics(registry, { register: {} as never })).toThrow(/register/);
    expect(() => prometheusMetrics(registry, { registry: register } as never)).toThrow(/register/);
  });
});
