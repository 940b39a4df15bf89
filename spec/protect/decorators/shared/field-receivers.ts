import { CircuitBreaker, CircuitOpenError, Retry, withBreaker, withRetry } from '../../../../lib';
import { Trace } from '../../../support/decorator-fixtures/foreign-decorators';
import { FAILURE_THRESHOLD, Site } from '../../../support/decorator-fixtures/site';

/** What everybody sees as `this` of a field's call, in the pipeline and at its ends. */
export function handsReceiversToFields(): void {
  it("gives each instance a breaker of its own with `scope: 'instance'`", async () => {
    const site = new Site();
    class Users {
      @CircuitBreaker({ ...site.breaker, scope: 'instance' })
      readonly load = async (id: string): Promise<string> => site.backend.fetch(id);
    }
    const [one, two] = [new Users(), new Users()];
    site.backend.fail();
    for (let failures = 0; failures < FAILURE_THRESHOLD; failures++) await expect(one.load('a')).rejects.toThrow();
    site.backend.recover();

    await expect(one.load('a')).rejects.toBeInstanceOf(CircuitOpenError);
    await expect(two.load('a')).resolves.toBe('video a');
  });

  it('calls the key function on the instance', async () => {
    const site = new Site();
    class Users {
      constructor(readonly host: string) {}

      @CircuitBreaker({
        ...site.breaker,
        key(this: unknown) {
          return (this as Users).host;
        },
      })
      readonly load = async (id: string): Promise<string> => site.backend.fetch(id);
    }

    await new Users('one.example').load('a');
    await new Users('two.example').load('a');

    expect(site.registry.keys('Users.load').sort()).toEqual(['one.example', 'two.example']);
  });

  it('hands its own instance to the function of a wrapper that the field holds', async () => {
    const site = new Site();
    class Users {
      constructor(readonly host: string) {}

      @Retry(site.retry)
      readonly load = withBreaker(async function (this: unknown): Promise<string> {
        return (this as Users).host;
      }, site.breaker);
    }

    await expect(new Users('one.example').load()).resolves.toBe('one.example');
    await expect(new Users('two.example').load()).resolves.toBe('two.example');
  });

  it('hands its own instance to a decorated method that the field holds', async () => {
    const site = new Site();
    class Users {
      constructor(readonly host: string) {}

      @CircuitBreaker(site.breaker)
      async find(): Promise<string> {
        return this.host;
      }

      @Retry(site.retry)
      readonly load = this.find;
    }

    await expect(new Users('one.example').load()).resolves.toBe('one.example');
    await expect(new Users('two.example').load()).resolves.toBe('two.example');
  });

  it('takes what each instance holds: a wrapper here, a function there', async () => {
    const site = new Site();
    const plain = async (id: string): Promise<string> => site.backend.fetch(id);
    const functions = [plain, withRetry(plain, site.retry), plain];
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    class Users {
      @CircuitBreaker(site.breaker)
      readonly load = functions.shift()!;
    }
    const users = [new Users(), new Users(), new Users()];

    for (const { load } of users) await expect(load('a')).resolves.toBe('video a');
    expect(site.registry.get('Users.load')?.stats.calls).toBe(2);
    warnings.mockRestore();
  });

  it('can be wrapped once more, with the function of its instance', async () => {
    const site = new Site();
    class Users {
      constructor(readonly host: string) {}

      @CircuitBreaker(site.breaker)
      readonly load = async (id: string): Promise<string> => site.backend.fetch(`${this.host}/${id}`);
    }
    const load = withRetry(new Users('one.example').load, site.retry);
    site.backend.fail();

    await expect(load('a')).rejects.toBe(site.backend.error);

    expect(site.backend.requests).toEqual(['one.example/a', 'one.example/a']);
    expect(site.registry.get('Users.load')?.stats.failures).toBe(2);
  });

  it('is one operation around a foreign decorator', async () => {
    const site = new Site();
    const Foreign = (): any => () => (initial: () => unknown) => initial.bind(undefined);
    class Users {
      @Retry(site.retry)
      @(Foreign())
      @CircuitBreaker(site.breaker)
      readonly load = async (id: string): Promise<string> => site.backend.fetch(id);
    }

    await expect(new Users().load('a')).resolves.toBe('video a');
    await expect(new Users().load('b')).resolves.toBe('video b');

    expect(site.names()).toEqual(['Users.load']);
    expect(site.registry.get('Users.load')?.stats.calls).toBe(2);
  });

  it('is one operation for a #private method around a foreign decorator', async () => {
    const site = new Site();
    const log: string[] = [];
    class Users {
      load(id: string): Promise<string> {
        return this.#load(id);
      }

      @Retry(site.retry)
      @Trace(log, 'between')
      @CircuitBreaker(site.breaker)
      async #load(id: string): Promise<string> {
        return site.backend.fetch(id);
      }
    }
    site.backend.fail();

    await expect(new Users().load('a')).rejects.toBe(site.backend.error);

    expect(log).toEqual(['between', 'between']);
    expect(site.names()).toEqual(['Users.#load']);
    expect(site.registry.get('Users.#load')?.stats).toMatchObject({ calls: 2, failures: 2 });
  });
}
