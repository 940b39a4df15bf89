import { withPolicies } from '../../../lib';
import { forceOpen, shadow } from '../../../lib/operate';
import { fails, pending, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { Exporter } from './support/exporter';

let exporter: Exporter;
beforeEach(() => {
  exporter = new Exporter(() => 0);
});

const rejections = (): Promise<string[]> => exporter.series('breaker_box_rejections_total');

// Rule 63
describe('rejections, in the metrics', () => {
  it('are told apart by the policy that rejects', async () => {
    const { registry } = exporter;
    const open = withPolicies(scripted(works()), { name: 'open', registry, breaker: {} });
    open.breaker!.trip();
    const work = pending();
    const full = withPolicies(work, { name: 'full', registry, bulkhead: { maxConcurrent: 1 } });
    const limited = withPolicies(scripted(works()), { name: 'limited', registry, rateLimit: 1 });
    const refused = withPolicies(scripted(fails()), { name: 'refused', registry, throttle: {} });
    for (const call of [open, full, limited, refused]) void call().catch(() => undefined);
    await exporter.clock.advance(0);
    for (const call of [open, full, limited, refused]) await rejectionOf(call());
    await rejectionOf(limited());
    work.calls[0]!.resolve();

    expect(await rejections()).toEqual([
      '{operation="full",reason="bulkhead"} 1',
      '{operation="limited",reason="rate_limit"} 2',
      '{operation="open",reason="open"} 2',
      '{operation="refused",reason="throttle"} 1',
    ]);
  });

  it('count where no probe was free, where an operator forced it open, and where no slot came free in time', async () => {
    const { registry, clock } = exporter;
    const work = pending();
    const call = withPolicies(work, { name: 'a', registry, breaker: { recoveryTimeout: 1000 } });
    call.breaker!.trip();
    await clock.advance(1000);
    void call();
    await rejectionOf(call());
    work.calls[0]!.resolve();
    await clock.advance(0);
    forceOpen(call.breaker!);
    await rejectionOf(call());
    expect(await rejections()).toEqual(['{operation="a",reason="open"} 2']);

    const queued = withPolicies(work, { name: 'b', registry, bulkhead: { maxConcurrent: 1, maxQueue: 1, maxWait: 100 } });
    void queued();
    const waiting = rejectionOf(queued());
    await clock.advance(100);
    await waiting;
    expect(await rejections()).toContain('{operation="b",reason="bulkhead"} 1');
  });

  it('count where a fallback answers: the call is a success then', async () => {
    const { registry } = exporter;
    const call = withPolicies(scripted(works()), { name: 'a', registry, fallback: () => 'kept', breaker: {} });
    call.breaker!.trip();
    expect(await call()).toBe('kept');
    expect(await rejections()).toEqual(['{operation="a",reason="open"} 1']);
    expect(await exporter.series('breaker_box_calls_total')).toEqual(['{operation="a",outcome="success"} 1']);
  });

  it('are of the attempts: each that a retry makes counts', async () => {
    const { registry, clock } = exporter;
    const call = withPolicies(scripted(works()), { name: 'a', registry, retry: { maxAttempts: 3, baseDelay: 10, handle: () => true, respectRetryAfter: false }, rateLimit: { limit: 1, interval: '1h' } });
    await call();
    await clock.until(call().catch(() => undefined));
    expect(await rejections()).toEqual(['{operation="a",reason="rate_limit"} 3']);
  });

  it('are not what a breaker in shadow would have rejected', async () => {
    const { registry } = exporter;
    const call = withPolicies(scripted(works()), { name: 'a', registry, breaker: {} });
    shadow(call.breaker!);
    call.breaker!.trip();
    await call();
    expect(await rejections()).toEqual([]);
  });
});

describe('fallbacks and cache lookups, in the metrics', () => {
  it('count the calls that got a fallback’s answer', async () => {
    const call = withPolicies(scripted(works(), fails(), fails()), { name: 'a', registry: exporter.registry, fallback: () => 'kept', breaker: {} });
    for (let n = 0; n < 3; n++) await call();
    expect(await exporter.series('breaker_box_fallbacks_total')).toEqual(['{operation="a"} 2']);
  });

  it('tell hits, misses, and calls that joined one in flight', async () => {
    const work = pending();
    const call = withPolicies(work, { name: 'a', registry: exporter.registry, cache: '1m' });
    const both = Promise.all([call(1), call(1)]);
    work.calls[0]!.resolve('it');
    await both;
    await call(1);
    await call(1);
    void call(2);
    expect(await exporter.series('breaker_box_cache_lookups_total')).toEqual([
      '{operation="a",outcome="coalesced"} 1',
      '{operation="a",outcome="hit"} 2',
      '{operation="a",outcome="miss"} 2',
    ]);
  });

  it('are not built while nobody listens', async () => {
    exporter.stop();
    const emit = jest.spyOn(exporter.registry.events, 'emit');
    const call = withPolicies(scripted(fails()), { name: 'a', registry: exporter.registry, cache: '1m', fallback: () => 'kept', bulkhead: 1, breaker: { failureThreshold: 1 } });
    await call();
    await call();
    expect(emit).not.toHaveBeenCalled();
  });
});
