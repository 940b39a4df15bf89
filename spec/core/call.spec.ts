import { Breaker, currentCall, withBreaker, BreakerRegistry } from '../../lib';

describe('currentCall', () => {
  it('is undefined outside of protected functions', () => {
    expect(currentCall()).toBeUndefined();
  });

  it('is the call of the function that runs, until its first await', async () => {
    const seen: (string | undefined)[] = [];
    const breaker = new Breaker({ name: 'users.fetch' });

    await breaker.execute(async () => {
      seen.push(currentCall()?.operation);
      await Promise.resolve();
      seen.push(currentCall()?.operation);
    });

    expect(seen).toEqual(['users.fetch', undefined]);
  });

  it.each(['execute', 'executeSync'] as const)('is the outer call again after an inner one, by %s', (run) => {
    const outer = new Breaker({ name: 'outer' });
    const inner = new Breaker({ name: 'inner' });
    const seen: (string | undefined)[] = [];
    const see = () => seen.push(currentCall()?.operation);

    outer.executeSync(() => {
      see();
      void inner[run](see);
      see();
    });
    see();

    expect(seen).toEqual(['outer', 'inner', 'outer', undefined]);
  });

  it('is put back when the function throws', () => {
    const breaker = new Breaker();
    const outage = (): never => {
      throw new Error('down');
    };

    expect(() => breaker.executeSync(outage)).toThrow('down');

    expect(currentCall()).toBeUndefined();
  });

  it('keeps calls apart that run side by side', async () => {
    const registry = new BreakerRegistry();
    const see = async (): Promise<string | undefined> => currentCall()?.operation;
    const calls = ['a', 'b', 'c'].map((name) => withBreaker(see.bind(null), { name, registry }));

    await expect(Promise.all(calls.map((call) => call()))).resolves.toEqual(['a', 'b', 'c']);
  });
});
