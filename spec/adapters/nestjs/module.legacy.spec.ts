import { Controller, Get, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  BreakerRegistry, CircuitBreaker, ConfigurationError, describePipeline, registry, withBreaker, withRegistry, type BreakerOptions,
} from '../../../lib';
import { configure } from '../../../lib/operate';
import {
  BREAKER_REGISTRY, BreakerBoxModule, InjectRegistry, type BreakerBoxModuleOptions, type BreakerBoxOptions, type BreakerBoxOptionsFactory,
} from '../../../lib/adapters/nestjs';
import { errorOf } from '../../support/decorator-fixtures/misuse';
import { Application, create } from './support/application';

const answer = async (): Promise<string> => 'answer';

const protect = (name: string, options: BreakerOptions = {}) => withBreaker(answer, { name, ...options });

/** The threshold that is in force, as the pipeline tells it. */
function thresholdOf(operation: ReturnType<typeof protect>): number {
  return Number(/failureThreshold: (\d+)/.exec(describePipeline(operation))?.[1]);
}

const rejection = (promise: Promise<unknown>): Promise<Error> => promise.then(() => Promise.reject(new Error('was accepted')), (error: Error) => error);

async function initialized(...imports: Parameters<typeof create>[0]['imports'] & object) {
  const nest = await create({ imports });
  return nest.init();
}

afterEach(() => {
  for (const name of registry.names()) registry.delete(name);
});

describe('BreakerBoxModule.forRoot', () => {
  it('configures operations that are there and that come, beneath and above what the code says', async () => {
    const charge = protect('payments.charge', { failureThreshold: 3 });
    const nest = await initialized(BreakerBoxModule.forRoot({ defaults: { failureThreshold: 9 }, operations: { 'payments.*': { failureThreshold: 2 } } }));
    expect(thresholdOf(charge)).toBe(2);
    expect(thresholdOf(protect('payments.refund', { failureThreshold: 3 }))).toBe(2);
    expect(thresholdOf(protect('users.read', { failureThreshold: 3 }))).toBe(3);
    expect(thresholdOf(protect('users.write'))).toBe(9);
    expect(describePipeline(charge)).toContain('(BreakerBoxModule operations.payments.*)');
    await nest.close();
  });

  it('leaves the registry as it was when the application has shut down', async () => {
    configure(registry, 'accounts.close', { failureThreshold: 7 });
    const [close, open] = [protect('accounts.close'), protect('accounts.open')];
    for (const failureThreshold of [2, 3]) {
      const nest = await initialized(BreakerBoxModule.forRoot({ operations: { 'accounts.close': { failureThreshold }, '*': { failureThreshold: 1 } } }));
      expect([thresholdOf(close), thresholdOf(open)]).toEqual([failureThreshold, 1]);
      await nest.close();
      expect([thresholdOf(close), thresholdOf(open)]).toEqual([7, 5]);
    }
  });

  it('configures before the modules that it is global for are initialised, until they are done', async () => {
    const charge = protect('payments.charge');
    const seen: number[] = [];
    @Module({})
    class Payments implements OnModuleInit {
      onModuleInit(): void {
        seen.push(thresholdOf(charge));
      }

      onModuleDestroy(): void {
        seen.push(thresholdOf(charge));
      }
    }
    const nest = await initialized(Payments, BreakerBoxModule.forRoot({ operations: { 'payments.*': { failureThreshold: 2 } } }));
    await nest.close();
    expect(seen).toEqual([2, 2]);
  });

  it('names every problem with its path, and changes nothing', () => {
    const charge = protect('payments.charge');
    const error = errorOf(() =>
      BreakerBoxModule.forRoot({
        operation: {},
        filter: 'yes',
        registry: new Map(),
        defaults: { name: 'x' },
        operations: { 'payments.*': { failureThreshhold: 3, window: { type: 'count', sise: 3 } }, 'users.*': { recoveryTimeout: 'soon' } },
      } as unknown as BreakerBoxModuleOptions),
    ) as ConfigurationError;
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.issues.map(({ path }) => path)).toEqual([
      'registry', 'filter', 'operation', 'defaults.name',
      'operations.payments.*.window.size', 'operations.payments.*.window.sise', 'operations.payments.*.failureThreshhold', 'operations.users.*.recoveryTimeout',
    ]);
    expect(error.message).toContain('operations.payments.*.failureThreshhold: unknown option; did you mean failureThreshold?; received 3');
    expect(error.message).toContain('operation: unknown option; did you mean operations?');
    expect(thresholdOf(charge)).toBe(5);
  });

  it('leaves nothing behind in an application that another provider keeps from starting', async () => {
    const charge = protect('payments.charge');
    const broken = { provide: 'broken', useFactory: () => Promise.reject(new Error('no database')) };
    const imports = [BreakerBoxModule.forRoot({ operations: { 'payments.*': { failureThreshold: 2 } } })];
    expect((await rejection(create({ imports, providers: [broken] }))).message).toBe('no database');
    expect(thresholdOf(charge)).toBe(5);
  });

  it('leaves nothing behind in an application that was closed after another module kept it from starting', async () => {
    const charge = protect('payments.charge');
    @Module({})
    class Broken implements OnModuleInit {
      onModuleInit(): void {
        throw new Error('no database');
      }
    }
    const nest = await create({ imports: [Broken, BreakerBoxModule.forRoot({ operations: { 'payments.*': { failureThreshold: 2 } } })] });
    expect((await rejection(nest.init())).message).toBe('no database');
    await nest.close();
    expect(thresholdOf(charge)).toBe(5);
  });

  it('needs no options', async () => {
    const nest = await initialized(BreakerBoxModule.forRoot());
    expect(nest.get(BREAKER_REGISTRY)).toBe(registry);
    await nest.close();
  });

  it('configures a registry that it is given, and the one around it', async () => {
    const [given, around] = [new BreakerRegistry(), new BreakerRegistry()];
    const nest = await initialized(BreakerBoxModule.forRoot({ registry: given, operations: { '*': { failureThreshold: 2 } } }));
    expect([thresholdOf(protect('a', { registry: given })), thresholdOf(protect('a'))]).toEqual([2, 5]);
    await nest.close();
    const isolated = await withRegistry(around, () => initialized(BreakerBoxModule.forRoot({ operations: { '*': { failureThreshold: 2 } } })));
    expect([thresholdOf(protect('b', { registry: around })), thresholdOf(protect('b'))]).toEqual([2, 5]);
    expect(isolated.get(BREAKER_REGISTRY)).toBe(around);
    await isolated.close();
  });

  it('gives an application that is started inside withRegistry a registry of its own, for its requests too', async () => {
    @Controller()
    class Rates {
      @Get('rates')
      @CircuitBreaker({ name: 'rates.current' })
      async current(): Promise<string> {
        return 'current';
      }
    }
    const boxes = [new BreakerRegistry(), new BreakerRegistry()];
    const parts = { controllers: [Rates], imports: [BreakerBoxModule.forRoot()] };
    const [one, other] = [await withRegistry(boxes[0]!, () => Application.start(parts)), await withRegistry(boxes[1]!, () => Application.start(parts))];
    for (const app of [one, one, other]) expect((await app.request('/rates')).status).toBe(200);
    expect(boxes.map((box) => box.get('rates.current')?.stats.calls)).toEqual([2, 1]);
    expect(registry.get('rates.current')?.stats.calls ?? 0).toBe(0);
    for (const app of [one, other]) await app.close();
  });

  it('lets two applications configure one registry; the later one wins as long as it runs', async () => {
    const charge = protect('payments.charge');
    const [one, other] = [
      await initialized(BreakerBoxModule.forRoot({ operations: { 'payments.*': { failureThreshold: 2 } } })),
      await initialized(BreakerBoxModule.forRoot({ operations: { 'payments.*': { failureThreshold: 3 } } })),
    ];
    expect(thresholdOf(charge)).toBe(3);
    await other.close();
    expect(thresholdOf(charge)).toBe(2);
    await one.close();
    expect(thresholdOf(charge)).toBe(5);
  });
});

describe('what can be injected', () => {
  @Injectable()
  class Watcher {
    @InjectRegistry() readonly asProperty!: BreakerRegistry;

    constructor(
      @InjectRegistry() readonly asParameter: BreakerRegistry,
      @Inject(BREAKER_REGISTRY) readonly byToken: BreakerRegistry,
      readonly byClass: BreakerRegistry,
    ) {}
  }

  @Module({ providers: [Watcher], exports: [Watcher] })
  class Watching {}

  it('is the registry: by decorator, token and class, in every module', async () => {
    const own = new BreakerRegistry();
    const nest = await initialized(Watching, BreakerBoxModule.forRoot({ registry: own }));
    const { asProperty, asParameter, byToken, byClass } = nest.get(Watcher, { strict: false });
    for (const injected of [asProperty, asParameter, byToken, byClass]) expect(injected).toBe(own);
    await nest.close();
  });

  it('is so only where the module is imported, when it is not global', async () => {
    const message = (await rejection(initialized(Watching, BreakerBoxModule.forRoot({ isGlobal: false })))).message;
    expect(message).toContain('BREAKER_REGISTRY');
    @Module({ imports: [BreakerBoxModule.forRoot({ isGlobal: false })], providers: [Watcher] })
    class Importing {}
    await (await initialized(Importing)).close();
  });
});

describe('BreakerBoxModule.forRootAsync', () => {
  const configuration = (breakers: unknown) => ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ breakers })] });

  const fromConfig = (breakers: unknown) =>
    BreakerBoxModule.forRootAsync({
      imports: [configuration(breakers)],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => config.getOrThrow<BreakerBoxOptions>('breakers'),
    });

  it('takes the options from Nest\'s configuration', async () => {
    const charge = protect('payments.charge', { failureThreshold: 3 });
    const nest = await initialized(fromConfig(JSON.parse('{"defaults":{"failureThreshold":9},"operations":{"payments.*":{"failureThreshold":2}}}')));
    expect([thresholdOf(charge), thresholdOf(protect('users.read'))]).toEqual([2, 9]);
    await nest.close();
    expect(thresholdOf(charge)).toBe(3);
  });

  it('does not start with an unknown key: the error has the path, and all other problems', async () => {
    const charge = protect('payments.charge');
    const error = (await rejection(
      create({ imports: [fromConfig({ operations: { 'payments.*': { failureThreshhold: 2 }, 'users.*': { failureThreshold: '2' } }, filters: true })] }),
    )) as ConfigurationError;
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.issues.map(({ path }) => path)).toEqual(['filters', 'operations.payments.*.failureThreshhold', 'operations.users.*.failureThreshold']);
    expect(error.message).toContain('operations.payments.*.failureThreshhold: unknown option; did you mean failureThreshold?');
    expect(thresholdOf(charge)).toBe(5);
  });

  it.each([undefined, null, 'payments', []])('does not start when the factory gives no options but %p', async (given) => {
    const error = await rejection(create({ imports: [BreakerBoxModule.forRootAsync({ useFactory: () => given as never })] }));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('must be an object of options');
  });

  it('takes the options from a class, made for it or there already', async () => {
    @Injectable()
    class Options implements BreakerBoxOptionsFactory {
      static made = 0;

      constructor(private readonly config: ConfigService) {
        Options.made++;
      }

      async createBreakerBoxOptions(): Promise<BreakerBoxOptions> {
        return { operations: { '*': { failureThreshold: this.config.getOrThrow<number>('breakers') } } };
      }
    }
    @Module({ imports: [configuration(4)], providers: [Options], exports: [Options] })
    class Settings {}

    const charge = protect('payments.charge');
    const byClass = await initialized(BreakerBoxModule.forRootAsync({ imports: [configuration(3)], useClass: Options }));
    expect(thresholdOf(charge)).toBe(3);
    await byClass.close();
    const byExisting = await initialized(BreakerBoxModule.forRootAsync({ imports: [Settings], useExisting: Options }));
    expect([thresholdOf(charge), Options.made]).toEqual([4, 2]);
    await byExisting.close();
  });

  it.each([
    [{}, 'useFactory: give one of useFactory, useClass, useExisting'],
    [{ useFactory: () => ({}), useClass: class {} }, 'useClass: give one of useFactory, useClass, useExisting'],
    [{ useFactory: 3 }, 'useFactory: must be a function'],
    [{ usefactory: () => ({}) }, 'usefactory: unknown option; did you mean useFactory?'],
  ])('refuses %p', (given, message) => {
    expect(() => BreakerBoxModule.forRootAsync(given as never)).toThrow(message);
  });
});
