import { CircuitBreaker, ConfigurationError, Retry } from '../../../../lib';
import { Trace } from '../../../support/decorator-fixtures/foreign-decorators';
import { errorOf } from '../../../support/decorator-fixtures/misuse';
import { Site } from '../../../support/decorator-fixtures/site';

/** Other people's decorators that put a function of theirs in the place of ours. */
export function standsBesideForeignDecorators(): void {
  const Foreign = Trace([], 'foreign');

  describe('with a foreign decorator outermost', () => {
    it('keeps two classes apart that override one method', async () => {
      const site = new Site();
      class Repository {
        async load(): Promise<string> {
          return 'nothing';
        }
      }
      class Users extends Repository {
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(): Promise<string> {
          return 'users';
        }
      }
      class Orders extends Repository {
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(): Promise<string> {
          return 'orders';
        }
      }

      const [users, orders] = [new Users(), new Orders()];

      await expect(users.load()).resolves.toBe('users');
      await expect(orders.load()).resolves.toBe('orders');
      expect(site.names().sort()).toEqual(['Orders.load', 'Users.load']);
    });

    const declareFamily = (site: Site) => {
      class Repository {
        @Foreign
        @CircuitBreaker(site.breaker)
        async load(): Promise<string> {
          return 'nothing';
        }
      }
      class Users extends Repository {
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(): Promise<string> {
          return 'users';
        }
      }
      class Admins extends Users {
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(): Promise<string> {
          return 'admins';
        }
      }
      return [Repository, Users, Admins] as const;
    };

    it.each([
      ['the base class', [0, 1, 2]],
      ['the subclass', [2, 1, 0]],
      ['the class between', [1, 2, 0]],
    ])('keeps an override apart from what it overrides when %s is used first', async (_which, order) => {
      const site = new Site();
      const family = declareFamily(site);

      for (const index of order) await new family[index]!().load();

      expect(site.names().sort()).toEqual(['Admins.load', 'Repository.load', 'Users.load']);
      expect(site.registry.get('Admins.load')?.stats.calls).toBe(1);
      expect(site.registry.get('Repository.load')?.stats.calls).toBe(1);
    });
  });

  describe('with a foreign decorator between', () => {
    it('is one operation for each class that overrides the method', async () => {
      const site = new Site();
      class Repository {
        @Retry(site.retry)
        @Foreign
        @CircuitBreaker(site.breaker)
        async load(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      class Users extends Repository {
        @Retry(site.retry)
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      const [users, repository] = [new Users(), new Repository()];
      site.backend.fail();

      await expect(users.load('a')).rejects.toBe(site.backend.error);

      expect(site.registry.get('Users.load')?.stats).toMatchObject({ calls: 2, failures: 2 });
      site.backend.recover();
      await repository.load('b');
      expect(site.names().sort()).toEqual(['Repository.load', 'Users.load']);
    });

    it('is one operation when only the subclass decorates the method', async () => {
      const site = new Site();
      class Repository {
        async load(_id: string): Promise<string> {
          return 'nothing';
        }
      }
      class Users extends Repository {
        @Retry(site.retry)
        @Foreign
        @CircuitBreaker(site.breaker)
        override async load(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }

      await new Users().load('a');

      expect(site.names()).toEqual(['Users.load']);
    });

    it.each([
      ['the outer one', { name: 'users.load' }, {}],
      ['the inner one', {}, { name: 'users.load' }],
      ['both', { name: 'users.load' }, { name: 'users.load' }],
    ])('counts each attempt once, by the name that %s gives', async (_which, outer, inner) => {
      const site = new Site();
      class Users {
        @Retry({ ...site.retry, ...outer })
        @Foreign
        @CircuitBreaker({ ...site.breaker, ...inner })
        async load(id: string): Promise<string> {
          return site.backend.fetch(id);
        }
      }
      const users = new Users();
      site.backend.fail();

      await expect(users.load('a')).rejects.toBe(site.backend.error);

      expect(site.names()).toEqual(['users.load']);
      expect(site.registry.get('users.load')?.stats).toMatchObject({ calls: 2, failures: 2, late: 0 });
    });

    it('refuses two names, and leaves neither behind', () => {
      const site = new Site();

      const error = errorOf(() => {
        class Users {
          @Retry({ ...site.retry, name: 'users.retry' })
          @Foreign
          @CircuitBreaker({ ...site.breaker, name: 'users.load' })
          async load(): Promise<void> {}
        }
        return Users;
      });

      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toMatch(/users\.retry[^]*users\.load|users\.load[^]*users\.retry/);
      expect(site.names()).toEqual([]);
    });

    it.each([
      ['around', [CircuitBreaker]],
      ['around a retry around', [CircuitBreaker, Retry]],
    ])('refuses a second breaker %s it', (_where, [Outer, Next = Outer]) => {
      const site = new Site();
      const { registry } = site;

      const error = errorOf(() => {
        class Users {
          @(Outer!({ registry }))
          @(Next!({ registry }))
          @Foreign
          @CircuitBreaker(site.breaker)
          async load(): Promise<void> {}
        }
        return Users;
      });

      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toContain('an operation has one breaker');
      expect(site.names()).toEqual([]);
    });

    it('takes back what the inner decorator registered when the outer one is refused', () => {
      const site = new Site();

      errorOf(() => {
        class Users {
          @Retry({ ...site.retry, maxAttempts: -1 })
          @Foreign
          @CircuitBreaker({ ...site.breaker, name: 'users.load' })
          async load(): Promise<void> {}
        }
        return Users;
      });

      expect(site.names()).toEqual([]);
    });
  });

  it('takes back all that a stack registered when its third decorator is refused', () => {
    const site = new Site();

    errorOf(() => {
      class Users {
        @Retry({ ...site.retry, maxAttempts: -1 })
        @Retry(site.retry)
        @CircuitBreaker(site.breaker)
        async load(): Promise<void> {}
      }
      return Users;
    });

    expect(site.names()).toEqual([]);
  });
}
