import 'reflect-metadata';
import {
  BreakerRegistry, circuitBreaker, ConfigurationError, describePipeline, getPolicies, OperationConflictError, protect, Resilient, retry,
  withBreaker, type ConfigurationIssue, type PolicyOptions,
} from '../../../lib';

let registry: BreakerRegistry;
beforeEach(() => {
  registry = new BreakerRegistry();
});

const policies = (more: PolicyOptions = {}): PolicyOptions => ({
  registry, retry: { maxAttempts: 2, baseDelay: 0, jitter: false }, breaker: { failureThreshold: 3 }, ...more,
});
const isolated = { failureThreshold: 1, scope: 'instance' } as const;
const HIDDEN = Symbol('hidden');

/** The same service, decorated and protected. */
function decorated(more?: PolicyOptions) {
  class VideoService {
    readonly runs: string[] = [];
    static opened = 0;
    constructor(readonly server = 'a') {}
    @Resilient(policies(more)) async download(id: string, fresh = false): Promise<string> {
      this.runs.push(id);
      if (id.startsWith('bad')) throw new Error(`no ${id}`);
      return `${this.server}/${id}${fresh ? '?' : ''}`;
    }
    @Resilient({ registry, breaker: {} }) async *chunks(count: number): AsyncGenerator<string> {
      for (let n = 0; n < count; n++) yield `${this.server}${n}`;
    }
    @Resilient({ registry, breaker: { failureThreshold: 1 } }) async [HIDDEN](): Promise<string> {
      return this.server;
    }
    @Resilient({ registry, breaker: {} }) static async open(path: string): Promise<string> {
      this.opened++;
      return path;
    }
    @Resilient({ registry, breaker: isolated }) async own(): Promise<void> {
      throw new Error('down');
    }
  }
  return VideoService;
}

function protectedOne(more?: PolicyOptions) {
  class VideoService {
    readonly runs: string[] = [];
    static opened = 0;
    constructor(readonly server = 'a') {}
    async download(id: string, fresh = false): Promise<string> {
      this.runs.push(id);
      if (id.startsWith('bad')) throw new Error(`no ${id}`);
      return `${this.server}/${id}${fresh ? '?' : ''}`;
    }
    async *chunks(count: number): AsyncGenerator<string> {
      for (let n = 0; n < count; n++) yield `${this.server}${n}`;
    }
    async [HIDDEN](): Promise<string> {
      return this.server;
    }
    static async open(path: string): Promise<string> {
      this.opened++;
      return path;
    }
    async own(): Promise<void> {
      throw new Error('down');
    }
  }
  return protect(
    VideoService,
    { download: policies(more), chunks: { registry, breaker: {} }, [HIDDEN]: { registry, breaker: { failureThreshold: 1 } }, own: { registry, breaker: isolated } },
    { open: { registry, breaker: {} } },
  );
}

type Service = ReturnType<typeof decorated>;

/** Everything that can be told of a class from outside. */
async function story(make: (more?: PolicyOptions) => Service): Promise<unknown> {
  const told: unknown[] = [];
  registry.on('call', ({ operation, outcome }) => told.push(['call', operation, outcome]));
  registry.on('transition', ({ operation, from, to }) => told.push([operation, from, to]));
  const Class = make();
  const [first, second] = [new Class(), new Class('b')];
  told.push(await first.download('1'), await second.download('2', true), await second[HIDDEN](), await Class.open('/'), Class.opened);
  for (const id of ['bad1', 'bad2', '3']) told.push(await first.download(id).catch(String));
  const items: string[] = [];
  for await (const item of second.chunks(2)) items.push(item);
  for (const one of [first, first, second]) told.push(await one.own().catch(String));
  class Subclass extends Class {
    override async download(id: string): Promise<string> {
      return `sub ${await super.download(id)}`;
    }
  }
  told.push(await new Subclass().download('4').catch(String));
  const { download } = Class.prototype;
  told.push(items, first.runs, second.runs, [...registry.names()].sort(), download.name, download.length);
  told.push(describePipeline(download), getPolicies(Class, 'download'), getPolicies(Class.prototype, HIDDEN), getPolicies(Class, 'open'));
  told.push(Object.getOwnPropertyDescriptor(Class.prototype, 'download')!.enumerable, Reflect.ownKeys(Class.prototype), Reflect.ownKeys(Class));
  return JSON.parse(JSON.stringify(told, (_key, value: unknown) => (value instanceof BreakerRegistry ? 'registry' : typeof value === 'symbol' ? String(value) : value)));
}

function errorOf(make: () => unknown): ConfigurationError {
  try {
    make();
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('It was accepted');
}

const told = (issues: readonly ConfigurationIssue[]) => issues.map(({ path, message }) => `${path}: ${message}`);

describe('protect', () => {
  it('protects a class as @Resilient does: names, policies, outcomes, receivers, streams, static and symbol-named methods, instances, subclasses', async () => {
    const asDecorated = await story(decorated);
    registry = new BreakerRegistry();
    const asProtected = await story(protectedOne);

    expect(asProtected).toEqual(asDecorated);
    expect(asProtected).toContainEqual(['call', 'VideoService.download', 'failure']);
    expect(asProtected).toContainEqual(['VideoService.download', 'closed', 'open']);
    expect(asProtected).toContainEqual(['VideoService.chunks', 'VideoService.download', 'VideoService.hidden', 'VideoService.open', 'VideoService.own']);
  });

  it('takes a list, in the order given, and a name', async () => {
    class Users {
      runs = 0;
      async find(id: string): Promise<string> {
        if (++this.runs < 2) throw new Error('down');
        return id;
      }
    }
    protect(Users, { find: [retry({ maxAttempts: 2, baseDelay: 0, name: 'users', registry }), circuitBreaker()] });

    expect(await new Users().find('7')).toBe('7');
    expect(registry.get('users')!.stats.calls).toBe(2);
    expect(getPolicies(Users, 'find').map(({ policy }) => policy)).toEqual(['retry', 'breaker']);
  });

  it('protects an inherited method for that class alone, under its own name', async () => {
    class Base {
      async load(): Promise<string> {
        return 'it';
      }
    }
    class Derived extends Base {}
    class Sibling extends Base {}
    protect(Derived, { load: { registry, breaker: {} } });
    await Promise.all([new Derived().load(), new Sibling().load(), new Base().load()]);

    expect(registry.get('Derived.load')!.stats.calls).toBe(1);
    expect(Object.hasOwn(Sibling.prototype, 'load')).toBe(false);
    expect(getPolicies(Base, 'load')).toEqual([]);
  });

  it('protects a class of the old form, and one whose prototype names no constructor', async () => {
    function Users() {}
    Users.prototype = { load: () => Promise.resolve('it') };
    protect(Users, { load: { registry, breaker: {} } });

    expect(await (new (Users as unknown as new () => { load(): Promise<string> })()).load()).toBe('it');
    expect(registry.names()).toEqual(['Users.load']);
  });

  it('keeps metadata of the method, as for guards and routes', () => {
    class Users {
      async find(): Promise<void> {}
    }
    Reflect.defineMetadata('roles', ['admin'], Users.prototype.find);
    protect(Users, { find: { registry, breaker: {} } });
    expect(Reflect.getMetadata('roles', Users.prototype.find)).toEqual(['admin']);
  });

  it('names every problem of all methods in one error, and protects none', async () => {
    class Users {
      static async connect(): Promise<void> {}
      get size(): number {
        return 1;
      }
      async find(): Promise<void> {}
      async save(): Promise<void> {}
      async *all(): AsyncGenerator<string> {}
      declare level: number;
      static Inner = class {};
    }
    Object.defineProperty(Users.prototype, 'level', { value: 3 });
    const breaker = { registry, breaker: {} };
    const { message, issues } = errorOf(() => protect(
      Users,
      {
        fnd: breaker, find: { registry, retry: { maxAttempts: 0 }, breakers: {} }, save: breaker, size: breaker, connect: breaker, constructor: breaker,
        level: breaker, toString: breaker, all: { hedge: '1s' }, zzzzzzzz: breaker,
      } as never,
      { save: breaker, Inner: breaker, prototype: breaker, conect: breaker } as never,
    ));

    expect(message).toMatch(/^protect\(Users\):\n/);
    expect(told(issues)).toEqual([
      'fnd: the class has no such method; did you mean find?',
      expect.stringMatching(/^find\.breakers: unknown option/),
      expect.stringMatching(/^find\.retry\.maxAttempts: must be an integer/),
      'size: a getter or setter cannot be protected, only a method',
      'connect: is a static method: give it in the third argument',
      'constructor: the constructor is no method',
      'level: is no method',
      expect.stringMatching(/^toString: the class has no such method/),
      expect.stringMatching(/^all\.hedge: /),
      'zzzzzzzz: the class has no such method; the methods are find, save, all',
      'save: is no static method, but one of instances: give it in the second argument',
      'Inner: is a class, and no method',
      'prototype: is no method',
      'conect: the class has no such method; did you mean connect?',
    ]);
    expect(getPolicies(Users, 'save')).toEqual([]);
    expect(registry.names()).toEqual([]);
  });

  it('protects all or none when a name is taken by another site', () => {
    withBreaker(async () => undefined, { name: 'taken', failureThreshold: 7, registry });
    class Users {
      async find(): Promise<void> {}
      async save(): Promise<void> {}
    }
    const { find } = Users.prototype;
    expect(() => protect(Users, { find: { registry, breaker: {} }, save: { name: 'taken', registry, breaker: {} } })).toThrow(OperationConflictError);
    expect(Users.prototype.find).toBe(find);
    expect(registry.names()).toEqual(['taken']);
    protect(Users, { find: { registry, breaker: {} } });
    expect(registry.names()).toEqual(['taken', 'Users.find']);
  });

  it('refuses what is protected already, by it or by a decorator, also in a base class', () => {
    class Users {
      @Resilient({ registry, breaker: {} }) async find(): Promise<void> {}
      async save(): Promise<void> {}
    }
    class Admins extends Users {}
    protect(Users, { save: { registry, breaker: {} } });
    void new Users();
    for (const one of [Users, Admins]) {
      expect(told(errorOf(() => protect(one, { find: { breaker: {} }, save: { breaker: {} } })).issues)).toEqual([
        'find: is protected already, as Users.find: give all its policies in one place',
        'save: is protected already, as Users.save: give all its policies in one place',
      ]);
    }
  });

  it('refuses a frozen class', () => {
    class Users {
      async find(): Promise<void> {}
    }
    class Admins extends Users {}
    Object.freeze(Users.prototype);
    Object.freeze(Admins.prototype);
    for (const one of [Users, Admins]) expect(errorOf(() => protect(one, { find: { breaker: {} } })).message).toContain('cannot be replaced: the class is frozen');
  });

  it.each([[new (class Users {})(), /an object was given: protect its class/], [undefined, /must be given a class/], [() => 1, /must be given a class/], ['Users', /must be given a class/]])(
    'refuses what is no class: %p', (given, message) => {
      expect(errorOf(() => (protect as (target: unknown, methods: object) => unknown)(given, {})).message).toMatch(message);
    },
  );

  it('refuses methods that are none, or no object', () => {
    class Users {}
    expect(errorOf(() => protect(Users, {})).message).toMatch(/at least one method must be given/);
    expect(told(errorOf(() => protect(Users, [] as never, 3 as never)).issues)).toEqual([
      'methods: must be an object with the policies of each method', 'statics: must be an object with the policies of each method',
    ]);
  });
});
