import { CircuitBreaker, Retry } from '../../../../lib';
import { Site } from '../../../support/decorator-fixtures/site';

/** Calls whose `this` is no instance of the class. */
export function tellsReceiversApart(): void {
  it.each([
    ['a plain object', () => ({})],
    ['an object that has such a method itself', () => ({ load: async () => 'mine' })],
    ['an instance of a stranger', () => new (class Stranger { async load(): Promise<string> { return 'mine'; } })()],
    ['nothing', () => undefined],
  ])('never joins two classes whose first call is made with %s', async (_what, receiver) => {
    const site = new Site();
    class Users {
      @CircuitBreaker(site.breaker)
      async load(): Promise<string> {
        return 'users';
      }
    }
    class Orders {
      @Retry(site.retry)
      async load(): Promise<string> {
        return 'orders';
      }
    }

    await expect(Users.prototype.load.call(receiver() as Users)).resolves.toBe('users');
    await expect(Orders.prototype.load.call(receiver() as Orders)).resolves.toBe('orders');

    expect(site.names()).toHaveLength(2);
    for (const name of site.names()) {
      expect(name).not.toMatch(/Object|Stranger/);
      expect(site.registry.get(name)?.stats.calls).toBe(1);
    }
  });

  it('finds the class from an object that inherits from its prototype', async () => {
    const site = new Site();
    class Users {
      @CircuitBreaker(site.breaker)
      async load(): Promise<string> {
        return 'users';
      }
    }

    await (Object.create(Users.prototype) as Users).load();

    expect(site.names()).toEqual(['Users.load']);
  });
}
