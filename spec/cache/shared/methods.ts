import { BreakerRegistry, Cache, cacheOf, Hedge } from '../../../lib';
import { TimerClock } from '../../support/timer-clock';

export function cachesMethods(): void {
  const declare = (key?: (id: string) => string) => {
    const registry = new BreakerRegistry();
    const runs: string[] = [];
    class Accounts {
      constructor(readonly user: string) {}

      @Cache({ ttl: '5m', registry, key })
      async balance(id: string): Promise<string> {
        runs.push(`${this.user}:${id}`);
        return `${this.user}'s ${id}`;
      }

      @Cache({ ttl: '5m', registry })
      static async rates(): Promise<number> {
        runs.push('rates');
        return runs.length;
      }
    }
    return { Accounts, runs };
  };

  it('keeps results for each instance: one user’s data never serves another', async () => {
    const { Accounts, runs } = declare();
    const [ann, bob] = [new Accounts('ann'), new Accounts('bob')];
    for (const who of [ann, bob, ann, bob]) expect(await who.balance('x')).toBe(`${who.user}'s x`);
    expect(runs).toEqual(['ann:x', 'bob:x']);
  });

  it('shares them by a key function', async () => {
    const { Accounts, runs } = declare((id) => id);
    expect(await new Accounts('ann').balance('x')).toBe("ann's x");
    expect(await new Accounts('bob').balance('x')).toBe("ann's x");
    expect(runs).toEqual(['ann:x']);
  });

  it('forgets those of one instance, or all', async () => {
    const { Accounts, runs } = declare();
    const [ann, bob] = [new Accounts('ann'), new Accounts('bob')];
    const call = async (): Promise<void> => {
      await ann.balance('x');
      await bob.balance('x');
    };
    await call();
    expect(cacheOf(ann.balance, ann).forget('x')).toBe(true);
    await call();
    expect(runs).toEqual(['ann:x', 'bob:x', 'ann:x']);
    cacheOf(Accounts.prototype.balance).clear();
    await call();
    expect(runs).toHaveLength(5);
  });

  it('keeps results of static methods', async () => {
    const { Accounts, runs } = declare();
    await Accounts.rates();
    await Accounts.rates();
    expect(runs).toEqual(['rates']);
  });

  it('stacks over a hedge', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    let runs = 0;
    class Rates {
      @Cache({ ttl: '5m', registry })
      @Hedge({ delay: '100ms', idempotent: true, registry })
      load(): Promise<string> {
        const run = ++runs;
        return new Promise((resolve) => {
          clock.setTimeout(() => { resolve(`run ${run}`); }, run === 1 ? 1000 : 10);
        });
      }
    }
    const rates = new Rates();
    expect(await clock.until(rates.load())).toBe('run 2');
    expect(await rates.load()).toBe('run 2');
    expect(runs).toBe(2);
  });
}
