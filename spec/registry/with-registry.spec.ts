import { BreakerRegistry, ConfigurationError, registry as defaultRegistry, withBreaker, withBreakerSync, withRegistry, withRetry } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';

describe('withRegistry', () => {
  it('makes everything called inside use that registry, and nothing outside', async () => {
    const wrapped = withBreaker(scripted(fails()), { name: 'wr.isolated', failureThreshold: 1 });
    const tenant = new BreakerRegistry();

    await withRegistry(tenant, () => rejectionOf(wrapped()));

    expect(tenant.get('wr.isolated')!.state).toBe('open');
    expect(defaultRegistry.get('wr.isolated')!.state).toBe('closed');
    expect(await rejectionOf(wrapped())).toEqual(new Error('down'));
    await withRegistry(tenant, async () => {
      expect(await rejectionOf(wrapped())).toMatchObject({ code: 'BREAKER_OPEN' });
    });
  });

  it('gives back what the function gives, or throws', async () => {
    const tenant = new BreakerRegistry();
    expect(withRegistry(tenant, () => 7)).toBe(7);
    await expect(withRegistry(tenant, async () => 'it')).resolves.toBe('it');
    expect(() => withRegistry(tenant, () => { throw new Error('sync'); })).toThrow('sync');
  });

  it('holds across awaits, and for each of calls that interleave', async () => {
    const wrapped = withBreaker(scripted(works()), { name: 'wr.await' });
    const tenants = [new BreakerRegistry(), new BreakerRegistry()];
    await Promise.all(
      tenants.map((tenant, n) =>
        withRegistry(tenant, async () => {
          for (let call = 0; call <= n; call++) {
            await reactions();
            await wrapped();
          }
        }),
      ),
    );
    expect(tenants.map((tenant) => tenant.get('wr.await')!.stats.calls)).toEqual([1, 2]);
    expect(defaultRegistry.get('wr.await')!.stats.calls).toBe(0);
  });

  it('nests: the innermost counts', async () => {
    const wrapped = withBreaker(scripted(works()), { name: 'wr.nested' });
    const [outer, inner] = [new BreakerRegistry(), new BreakerRegistry()];
    await withRegistry(outer, async () => {
      await withRegistry(inner, () => wrapped());
      expect(wrapped.breaker).toBe(outer.get('wr.nested'));
    });
    expect(inner.get('wr.nested')!.stats.calls).toBe(1);
    expect(outer.get('wr.nested')!.stats.calls).toBe(0);
  });

  it('loses to an explicit registry', async () => {
    const own = new BreakerRegistry();
    const wrapped = withBreaker(scripted(works()), { name: 'wr.explicit', registry: own });
    const tenant = new BreakerRegistry();
    await withRegistry(tenant, () => wrapped());
    expect(own.get('wr.explicit')!.stats.calls).toBe(1);
    expect(tenant.has('wr.explicit')).toBe(false);
  });

  it('is where wrappers made inside are registered', () => {
    const tenant = new BreakerRegistry();
    const wrapped = withRegistry(tenant, () => withBreaker(scripted(works()), { name: 'wr.made' }));
    expect(tenant.has('wr.made')).toBe(true);
    expect(defaultRegistry.has('wr.made')).toBe(false);
    expect(wrapped.operation).toBe('wr.made');
  });

  it('serves synchronous functions and retries too', async () => {
    const tenant = new BreakerRegistry();
    const sync = withBreakerSync(() => 7, { name: 'wr.sync' });
    const retried = withRetry(scripted(fails(), works()), { name: 'wr.retry', baseDelay: 0, jitter: false });
    await withRegistry(tenant, async () => {
      sync();
      await retried();
    });
    expect(tenant.get('wr.sync')!.stats.calls).toBe(1);
    expect(tenant.get('wr.retry')!.stats.calls).toBe(2);
    expect(defaultRegistry.get('wr.retry')!.stats.calls).toBe(0);
  });

  it('counts at the call of a stream, wherever it is read', async () => {
    const wrapped = withBreaker(
      async function* () {
        yield 1;
      },
      { name: 'wr.stream' },
    );
    const tenant = new BreakerRegistry();
    const stream = withRegistry(tenant, () => wrapped());
    for await (const _item of stream);
    expect(tenant.get('wr.stream')!.stats.calls).toBe(1);
    expect(defaultRegistry.get('wr.stream')!.stats.calls).toBe(0);
  });

  it.each([undefined, null, {}, 'default', BreakerRegistry])('refuses the registry %p at once, without running the function', (given) => {
    const fn = jest.fn();
    expect(() => withRegistry(given as never, fn)).toThrow(/^withRegistry: registry: must be a BreakerRegistry/);
    expect(fn).not.toHaveBeenCalled();
  });

  it.each([undefined, null, {}, Promise.resolve()])('refuses %p in place of the function', (fn) => {
    expect(() => withRegistry(new BreakerRegistry(), fn as never)).toThrow(ConfigurationError);
  });

  it('uses the clock and defaults of that registry', async () => {
    const wrapped = withBreaker(scripted(fails()), { name: 'wr.defaults' });
    const tenant = new BreakerRegistry({ defaults: { failureThreshold: 1 } });
    await withRegistry(tenant, () => rejectionOf(wrapped()));
    expect(tenant.get('wr.defaults')!.state).toBe('open');
  });
});
