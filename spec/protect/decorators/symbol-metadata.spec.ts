import { CircuitBreaker, Retry } from '../../../lib';
import { Trace } from '../../support/decorator-fixtures/foreign-decorators';
import { Site } from '../../support/decorator-fixtures/site';

/** As runtimes with decorators have it, and as a polyfill gives it to the others. */
Object.assign(Symbol, { metadata: Symbol.for('Symbol.metadata') });

describe('a TC39 decorator where classes have metadata', () => {
  const declare = ({ breaker, retry, backend }: Site) => {
    class Repository {
      @CircuitBreaker(breaker)
      readonly find = async (id: string): Promise<string> => backend.fetch(id);

      @CircuitBreaker(breaker)
      async #load(id: string): Promise<string> {
        return backend.fetch(id);
      }

      load(id: string): Promise<string> {
        return this.#load(id);
      }

      @Trace([], 'outermost')
      @Retry(retry)
      @Trace([], 'between')
      @CircuitBreaker(breaker)
      async save(id: string): Promise<string> {
        return backend.fetch(id);
      }
    }
    class Users extends Repository {
      override async save(id: string): Promise<string> {
        return super.save(id);
      }
    }
    return { Repository, Users };
  };

  it('names a field after the class that declares it, though only a subclass is used', async () => {
    const site = new Site();
    await new (declare(site).Users)().find('a');

    expect(site.names()).toContain('Repository.find');
  });

  it('names a #private method after the class that declares it, though only a subclass is used', async () => {
    const site = new Site();
    await new (declare(site).Users)().load('a');

    expect(site.names()).toContain('Repository.#load');
  });

  it('names a method that a foreign decorator hides after the class that declares it', async () => {
    const site = new Site();
    const { Repository, Users } = declare(site);

    await Repository.prototype.save.call(Object.create(Users.prototype) as InstanceType<typeof Users>, 'a');

    expect(site.names()).toContain('Repository.save');
    expect(site.names().filter((name) => name.includes('save'))).toHaveLength(1);
  });

  it('keeps members of one name apart: static, #private, of an instance', async () => {
    const site = new Site();
    const { breaker } = site;
    class Users {
      @CircuitBreaker(breaker)
      static async load(): Promise<string> {
        return 'static';
      }

      @CircuitBreaker(breaker)
      async load(): Promise<string> {
        return this.#load();
      }

      @CircuitBreaker(breaker)
      async #load(): Promise<string> {
        return 'private';
      }

      @CircuitBreaker(breaker)
      async ['#load'](): Promise<string> {
        return 'public';
      }
    }
    const users = new Users();

    await expect(Promise.all([Users.load(), users.load(), users['#load']()])).resolves.toEqual(['static', 'private', 'public']);

    expect(site.names().sort()).toEqual(['Users.#load', 'Users.#load#2', 'Users.load', 'Users.load#2']);
  });
});
