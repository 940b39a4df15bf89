import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { BreakerHealthIndicator } from 'breaker-box/nestjs';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly breakers: BreakerHealthIndicator,
  ) {}

  /** For liveness: up whatever is open. A restart would not mend another service. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.breakers.isHealthy()]);
  }

  /** For readiness: without current rates, this process is of no use to anybody. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.breakers.isHealthy('breakers', { critical: ['rates.current'] })]);
  }
}
