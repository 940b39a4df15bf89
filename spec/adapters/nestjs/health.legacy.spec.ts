import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { BreakerRegistry, withBreaker } from '../../../lib';
import { BreakerBoxModule, BreakerHealthIndicator } from '../../../lib/adapters/nestjs';
import { ManualClock } from '../../support/manual-clock';
import { Application, create } from './support/application';

@Controller()
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly breakers: BreakerHealthIndicator,
  ) {}

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([() => this.breakers.isHealthy()]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.breakers.isHealthy('circuits', { critical: ['db.*'] })]);
  }
}

const clock = new ManualClock();
let registry: BreakerRegistry;
let started: Application | undefined;

beforeEach(() => {
  registry = new BreakerRegistry({ clock });
});

afterEach(async () => {
  await started?.close();
  started = undefined;
});

async function start(): Promise<Application> {
  const imports = [TerminusModule.forRoot({ logger: false }), BreakerBoxModule.forRoot({ registry })];
  return (started = await Application.start({ controllers: [HealthController], imports }));
}

describe('the health indicator, in a check of Terminus', () => {
  beforeEach(() => {
    withBreaker(async () => 'rows', { name: 'db.users', registry });
    withBreaker(async () => 'mail', { name: 'mail.send', registry });
  });

  it('shows every operation, and is up while one is open that is not critical', async () => {
    const application = await start();
    registry.trip('mail.send');
    clock.advance(20_000);
    expect(await application.request('/live')).toMatchObject({
      status: 200,
      body: {
        status: 'ok',
        info: {
          breakers: {
            status: 'up',
            operations: {
              'db.users': { state: 'closed', critical: false },
              'mail.send': { state: 'open', retryAfter: 40_000, critical: false },
            },
          },
        },
      },
    });
    expect((await application.request('/ready')).status).toBe(200);
  });

  it('is down while a critical one rejects, and up again as soon as it probes', async () => {
    const application = await start();
    registry.trip('db.users');
    expect((await application.request('/live')).status).toBe(200);
    expect(await application.request('/ready')).toMatchObject({
      status: 503,
      body: { status: 'error', error: { circuits: { status: 'down', operations: { 'db.users': { state: 'open', critical: true } } } } },
    });
    clock.advance(60_000);
    expect((await application.request('/ready')).status).toBe(200);
  });

  it('says what to import when there is no TerminusModule', async () => {
    const nest = await create({ imports: [BreakerBoxModule.forRoot({ registry })] });
    await nest.init();
    expect(() => nest.get(BreakerHealthIndicator).isHealthy()).toThrow('BreakerHealthIndicator needs TerminusModule: import it where the health controller is');
    await nest.close();
  });
});
