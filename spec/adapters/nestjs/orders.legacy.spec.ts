import {
  applyDecorators, Body, Controller, Get, Injectable, Param, ParseIntPipe, Post, SetMetadata, UseGuards, UseInterceptors, UsePipes,
  type ArgumentMetadata, type CallHandler, type CanActivate, type ExecutionContext, type NestInterceptor, type PipeTransform, type Type,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { Bulkhead, CircuitBreaker, getPolicies, registry, Resilient, Retry, Timeout } from '../../../lib';
import { collectWarnings } from '../../registry/support/warnings';
import { Application } from './support/application';
import { permutations } from './support/permutations';

const Roles = (...roles: string[]) => SetMetadata('roles', roles);

/** Lets in who has a role that the handler names. */
@Injectable()
class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.get<string[] | undefined>('roles', context.getHandler());
    return roles?.includes(context.switchToHttp().getRequest().headers.role) ?? false;
  }
}

/** Every order of decorators, each as a controller of its own, found at the names of its decorators. */
function controllersOf(decorators: Readonly<Record<string, MethodDecorator>>, declare: (stack: MethodDecorator[]) => Type): Map<string, Type> {
  const orders = permutations(Object.keys(decorators)).map((names) => {
    const controller = declare(names.map((name) => decorators[name]!));
    const path = names.join('-');
    Controller(path)(controller);
    return [path, controller] as const;
  });
  return new Map(orders);
}

const guarded = controllersOf(
  { Get: Get(':id'), UseGuards: UseGuards(RolesGuard), SetMetadata: Roles('admin'), CircuitBreaker: CircuitBreaker() },
  ([first, second, third, fourth]) => {
    class Orders {
      @first!
      @second!
      @third!
      @fourth!
      async read(@Param('id', ParseIntPipe) id: number): Promise<{ id: number }> {
        return { id };
      }
    }
    return Orders;
  },
);

let app: Application;

// Some orders are unwise, and a hundred operations of one name look like a leak: what is said of that is not the point here.
let warnings: ReturnType<typeof collectWarnings>;
beforeAll(() => {
  warnings = collectWarnings();
});
afterAll(() => warnings.stop());

afterEach(async () => {
  await app.close();
  for (const name of registry.names()) registry.delete(name);
});

describe('a guard on a handler with a breaker', () => {
  beforeEach(async () => {
    app = await Application.start({ controllers: [...guarded.values()], providers: [RolesGuard] });
  });

  it('has been tried in all 24 orders', () => {
    expect(guarded.size).toBe(24);
  });

  it('holds in every order', async () => {
    for (const path of guarded.keys()) {
      expect([path, (await app.request(`/${path}/7`)).status]).toEqual([path, 403]);
      expect([path, (await app.request(`/${path}/7`, { headers: { role: 'guest' } })).status]).toEqual([path, 403]);
    }
  });

  it('reads what other decorators set, in every order, and lets the arguments through', async () => {
    for (const path of guarded.keys()) {
      expect([path, await app.request(`/${path}/7`, { headers: { role: 'admin' } })]).toMatchObject([path, { status: 200, body: { id: 7 } }]);
      expect([path, (await app.request(`/${path}/x`, { headers: { role: 'admin' } })).status]).toEqual([path, 400]);
    }
  });

  it('stands before a breaker that is really there, in every order', async () => {
    for (const [path, controller] of guarded) {
      await app.request(`/${path}/7`);
      await app.request(`/${path}/7`, { headers: { role: 'admin' } });
      expect([path, getPolicies(controller.prototype, 'read').map(({ policy }) => policy)]).toEqual([path, ['breaker']]);
    }
    const calls = [...registry].filter(([name]) => name.startsWith('Orders.read')).map(([, { stats }]) => stats.calls);
    expect(calls).toEqual(Array(24).fill(1));
  });
});

describe('a guard among several policies', () => {
  const foreign = { Get: Get(':id'), UseGuards: UseGuards(RolesGuard), SetMetadata: Roles('admin') };

  it.each<[string, Record<string, MethodDecorator>]>([
    ['@Retry over and under @CircuitBreaker', { Retry: Retry({ maxAttempts: 2 }), CircuitBreaker }],
    ['@Timeout and @Bulkhead', { Timeout: Timeout('5s'), Bulkhead: Bulkhead(5) }],
    ['@Resilient', { Resilient: Resilient({ timeout: '5s', retry: { maxAttempts: 2 }, breaker: {} }) }],
  ])('holds in every order, and opens for whom it knows: %s', async (_policies, ours) => {
    const controllers = controllersOf({ ...foreign, ...ours }, (stack) => {
      class Orders {
        // It applies the first of its arguments first, where a stack applies its last.
        @applyDecorators(...[...stack].reverse())
        async read(@Param('id', ParseIntPipe) id: number): Promise<{ id: number }> {
          return { id };
        }
      }
      return Orders;
    });
    app = await Application.start({ controllers: [...controllers.values()], providers: [RolesGuard] });
    for (const path of controllers.keys()) {
      expect([path, (await app.request(`/${path}/7`)).status]).toEqual([path, 403]);
      expect([path, await app.request(`/${path}/7`, { headers: { role: 'admin' } })]).toMatchObject([path, { status: 200, body: { id: 7 } }]);
    }
  });
});

describe('a guard that is not on the handler', () => {
  it.each(['class', 'application'])('reads what is set on the handler, in every order: on the %s', async (where) => {
    const controllers = controllersOf({ Get: Get(), SetMetadata: Roles('admin'), CircuitBreaker }, (stack) => {
      class Orders {
        @applyDecorators(...[...stack].reverse())
        async read(): Promise<string> {
          return 'read';
        }
      }
      if (where === 'class') UseGuards(RolesGuard)(Orders);
      return Orders;
    });
    const global = where === 'application' ? [{ provide: APP_GUARD, useClass: RolesGuard }] : [RolesGuard];
    app = await Application.start({ controllers: [...controllers.values()], providers: global });
    for (const path of controllers.keys()) {
      expect([path, (await app.request(`/${path}`)).status]).toEqual([path, 403]);
      expect([path, (await app.request(`/${path}`, { headers: { role: 'admin' } })).status]).toEqual([path, 200]);
    }
  });
});

describe('interceptors and pipes on a handler with a breaker', () => {
  class Charge {
    amount!: number;
  }

  class Wrapping implements NestInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      return next.handle().pipe(map((data: unknown) => ({ data })));
    }
  }

  /** Makes of a body what the handler's parameter is declared as. */
  class Typing implements PipeTransform {
    transform(value: unknown, { metatype, type }: ArgumentMetadata): unknown {
      return type === 'body' && metatype !== undefined ? Object.assign(new metatype() as object, value) : value;
    }
  }

  it('do their work in every order, by the types of the parameters', async () => {
    const decorators = { Post: Post(':id'), UseInterceptors: UseInterceptors(Wrapping), UsePipes: UsePipes(Typing), CircuitBreaker, Retry: Retry({ maxAttempts: 2 }) };
    const controllers = controllersOf(decorators, ([first, second, third, fourth, fifth]) => {
      class Payments {
        @first!
        @second!
        @third!
        @fourth!
        @fifth!
        async charge(@Param('id') id: string, @Body() body: Charge): Promise<{ id: string; typed: boolean; amount: number }> {
          return { id, typed: body instanceof Charge, amount: body.amount };
        }
      }
      return Payments;
    });
    app = await Application.start({ controllers: [...controllers.values()] });
    expect(controllers.size).toBe(120);
    for (const path of controllers.keys()) {
      const answer = await app.request(`/${path}/7`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"amount":5}' });
      expect([path, answer]).toMatchObject([path, { status: 201, body: { data: { id: '7', typed: true, amount: 5 } } }]);
    }
  });
});

describe('a provider with a breaker', () => {
  it('is injected, and its methods are protected, with this being the provider', async () => {
    @Injectable()
    class Rates {
      private readonly rate = 1.25;

      @CircuitBreaker({ failureThreshold: 1 })
      async of(currency: string): Promise<number> {
        if (currency === 'XXX') throw new Error('no such currency');
        return this.rate;
      }
    }

    @Controller('rates')
    class RatesController {
      constructor(private readonly rates: Rates) {}

      @Get(':currency')
      async rate(@Param('currency') currency: string): Promise<{ rate: number }> {
        return { rate: await this.rates.of(currency) };
      }
    }

    app = await Application.start({ controllers: [RatesController], providers: [Rates] });
    expect(await app.request('/rates/EUR')).toMatchObject({ status: 200, body: { rate: 1.25 } });
    expect((await app.request('/rates/XXX')).status).toBe(500);
    expect(registry.get('Rates.of')?.state).toBe('open');
  });
});
