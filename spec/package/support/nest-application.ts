/**
 * A Nest application in TypeScript, as a program of a user. It prints the answers to a few requests, as JSON. Names are imported by
 * `import`; a bundler makes `require` of them where that is asked for.
 */
export const nestApplication = `
import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module, SetMetadata, UseGuards } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { CircuitBreaker } from 'breaker-box';
import { BreakerBoxModule, BreakerHealthIndicator } from 'breaker-box/nestjs';

@Injectable()
class RolesGuard {
  constructor(@Inject(Reflector) reflector) {
    this.reflector = reflector;
  }
  canActivate(context) {
    return this.reflector.get('role', context.getHandler()) === context.switchToHttp().getRequest().headers.role;
  }
}

@Controller()
class Rates {
  constructor(@Inject(HealthCheckService) health, @Inject(BreakerHealthIndicator) breakers) {
    Object.assign(this, { health, breakers });
  }

  @Get('rates')
  @CircuitBreaker({ failureThreshold: 100, recoveryTimeout: '42s' })
  @SetMetadata('role', 'admin')
  @UseGuards(RolesGuard)
  async rates() {
    throw new Error('down');
  }

  @Get('health')
  check() {
    return this.health.check([() => this.breakers.isHealthy('breakers', { critical: ['Rates.*'] })]);
  }
}

@Module({
  imports: [BreakerBoxModule.forRoot({ operations: { 'Rates.*': { failureThreshold: 1 } } }), TerminusModule.forRoot({ logger: false })],
  controllers: [Rates],
  providers: [RolesGuard],
})
class AppModule {}

async function main() {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const ask = async (path, headers) => {
    const response = await fetch('http://127.0.0.1:' + app.getHttpServer().address().port + path, { headers });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
  };
  const answers = {
    stranger: (await ask('/rates', {})).status,
    failed: (await ask('/rates', { role: 'admin' })).status,
    rejected: await ask('/rates', { role: 'admin' }),
    health: await ask('/health', {}),
  };
  await app.close();
  console.log(JSON.stringify(answers));
}

main();
`;
