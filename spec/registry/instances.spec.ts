import { BreakerRegistry, withBreaker, type Breaker, type BreakerOptions } from '../../lib';
import { clearOverride, configure, forceOpen, snapshot } from '../../lib/operate';
import { rejectionOf } from '../composition/support/flaky';
import { collected, collectGarbage } from './support/collect-garbage';

function setUp(options: BreakerOptions = {}) {
  const registry = new BreakerRegistry();
  const fetch = withBreaker(
    async function (this: unknown, fails?: boolean) {
      if (fails) throw new Error('down');
    },
    { name: 'Client.fetch', scope: 'instance', failureThreshold: 1, registry, ...options },
  );
  const make = (): { fetch: typeof fetch } => Object.create({ fetch }) as { fetch: typeof fetch };
  const live = (): Breaker[] => [...registry].map(([, breaker]) => breaker as Breaker);
  return { registry, fetch, make, live };
}

describe('an operation with a breaker for each instance', () => {
  it('keeps the instances apart', async () => {
    const { make, live } = setUp();
    const [one, other] = [make(), make()];
    await rejectionOf(one.fetch(true));
    expect(await rejectionOf(one.fetch())).toMatchObject({ code: 'BREAKER_OPEN' });
    await expect(other.fetch()).resolves.toBeUndefined();
    expect(live().map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  it('has no single breaker, and no keys', async () => {
    const { registry, fetch, make } = setUp();
    await make().fetch();
    expect([fetch.breaker, registry.get('Client.fetch'), registry.has('Client.fetch')]).toEqual([undefined, undefined, true]);
    expect([[...fetch.breakers], registry.keys('Client.fetch')]).toEqual([[], []]);
  });

  it('uses one breaker for all calls without a receiver', async () => {
    const { fetch, make, live } = setUp();
    const instance = make();
    await rejectionOf(fetch.call(undefined, true));
    expect(await rejectionOf(fetch())).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await rejectionOf(fetch.call('a string' as never))).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await rejectionOf(fetch.call(null))).toMatchObject({ code: 'BREAKER_OPEN' });
    await expect(instance.fetch()).resolves.toBeUndefined();
    expect(live()).toHaveLength(2);
  });

  it('takes a frozen instance, and a function, as receivers', async () => {
    const { fetch, live } = setUp();
    await fetch.call(Object.freeze({}));
    const receiver = () => undefined;
    await fetch.call(receiver);
    await fetch.call(() => undefined);
    await rejectionOf(fetch.call(receiver, true));
    expect(live().map(({ state }) => state)).toEqual(['closed', 'open', 'closed']);
  });

  it('is configured, reset and overridden by name, instances to come included', async () => {
    const { registry, make, live } = setUp({ failureThreshold: 3 });
    const one = make();
    await rejectionOf(one.fetch(true));
    configure(registry, 'Client.fetch', { failureThreshold: 2 });
    await rejectionOf(one.fetch(true));
    expect(live()[0]!.state).toBe('open');

    registry.reset('Client.fetch');
    expect(live()[0]!.state).toBe('closed');

    forceOpen(registry, 'Client.fetch');
    const other = make();
    expect(await rejectionOf(other.fetch())).toMatchObject({ code: 'BREAKER_OPEN' });
    clearOverride(registry);
    await rejectionOf(other.fetch(true));
    await rejectionOf(other.fetch(true));
    expect(live().map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is left out of snapshots', async () => {
    const { registry, make } = setUp();
    const instance = make();
    await rejectionOf(instance.fetch(true));
    expect(snapshot(registry).breakers).toEqual([]);
  });

  it('lists no breaker whose instance was just collected', async () => {
    const { make, live } = setUp();
    await (async () => {
      for (let n = 0; n < 20; n++) await make().fetch();
    })();
    expect(await collected(live)).not.toContain(undefined);
  });

  it('loses each breaker with its instance', async () => {
    const { make, live } = setUp();
    const kept = make();
    await kept.fetch();
    await (async () => {
      for (let n = 0; n < 20; n++) await make().fetch();
    })();
    await collectGarbage(() => live().length === 1);
    expect(live()).toHaveLength(1);
    await kept.fetch();
    expect(live()[0]!.stats.calls).toBe(2);
  });
});
