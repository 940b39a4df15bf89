import 'reflect-metadata';
import { Controller, Get, Injectable, mixin, Module, UseGuards, type CanActivate, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BreakerRegistry, CircuitBreaker } from '../../../lib';

/** A guard for each realm, all of them made by one function, as Nest's documents do it. */
function guardFor(registry: BreakerRegistry, realm: string): Type<CanActivate> {
  @Injectable()
  class RealmGuard implements CanActivate {
    @CircuitBreaker({ registry })
    async canActivate(): Promise<boolean> {
      return realm !== '';
    }
  }
  return mixin(RealmGuard);
}

/** The same with a name for each. */
function namedGuardFor(registry: BreakerRegistry, realm: string): Type<CanActivate> {
  class RealmGuard implements CanActivate {
    static operationName = `RealmGuard.${realm}`;

    @CircuitBreaker({ registry })
    async canActivate(): Promise<boolean> {
      return true;
    }
  }
  return mixin(RealmGuard);
}

// TypeScript drops legacy decorators of class expressions; other compilers do not.
function anonymousGuard(registry: BreakerRegistry): Type<CanActivate> {
  const make = (): Type<CanActivate> =>
    class implements CanActivate {
      async canActivate(): Promise<boolean> {
        return true;
      }
    };
  const Guard = make();
  const descriptor = Object.getOwnPropertyDescriptor(Guard.prototype, 'canActivate') as TypedPropertyDescriptor<() => Promise<boolean>>;
  CircuitBreaker({ registry })(Guard.prototype as object, 'canActivate', descriptor);
  Object.defineProperty(Guard.prototype, 'canActivate', descriptor);
  return mixin(Guard);
}

describe('operations of a mixin of Nest', () => {
  it('are named as the class is written, not as `mixin()` calls it, at every start', async () => {
    const names = async () => {
      const registry = new BreakerRegistry();
      const [One, Other, Named] = [guardFor(registry, 'one'), guardFor(registry, 'other'), namedGuardFor(registry, 'admin')];
      @Controller()
      class Routes {
        @Get('one') @UseGuards(One) one() { return 'one'; }
        @Get('other') @UseGuards(Other) other() { return 'other'; }
        @Get('admin') @UseGuards(Named) admin() { return 'admin'; }
        @Get('anonymous') @UseGuards(anonymousGuard(registry)) anonymous() { return 'anonymous'; }
      }
      @Module({ controllers: [Routes] })
      class AppModule {}
      const app = await NestFactory.create(AppModule, { logger: false });
      await app.listen(0, '127.0.0.1');
      const answers = [];
      for (const path of ['one', 'other', 'admin', 'anonymous']) answers.push(await (await fetch(`${await app.getUrl()}/${path}`)).text());
      await app.close();
      expect(answers).toEqual(['one', 'other', 'admin', 'anonymous']);
      return registry.names();
    };
    const first = await names();
    expect([...first].sort()).toEqual(['RealmGuard.admin.canActivate', 'RealmGuard.canActivate', 'RealmGuard.canActivate#2', 'anonymous.canActivate']);
    expect(await names()).toEqual(first);
  });
});
