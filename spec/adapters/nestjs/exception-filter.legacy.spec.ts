import {
  Catch, Controller, Get, HttpException, Injectable, Module, Param, Res, UseFilters, type ArgumentsHost, type ExceptionFilter, type INestApplication,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import {
  Bulkhead, BulkheadFullError, CircuitBreaker, CircuitOpenError, ConfigurationError, RateLimit, registry, ThrottledError, Timeout,
} from '../../../lib';
import { BreakerBoxExceptionFilter, BreakerBoxModule } from '../../../lib/adapters/nestjs';
import { ManualClock } from '../../support/manual-clock';
import { Application, type Parts, type platforms } from './support/application';

const clock = new ManualClock();

@Injectable()
class Rates {
  @CircuitBreaker({ failureThreshold: 1, clock })
  async down(): Promise<never> {
    throw new Error('password wrong');
  }

  @RateLimit({ limit: 1, interval: '30s', clock })
  async limited(): Promise<string> {
    return 'answered';
  }

  @Timeout('20ms')
  slow(): Promise<never> {
    return new Promise<never>(() => {});
  }

  @Bulkhead(1)
  full(entered: () => Promise<unknown>): Promise<unknown> {
    return entered();
  }
}

/** The error of another copy of the package: another class, the same code. */
function ofAnotherCopy(): Error {
  let copy!: typeof import('../../../lib');
  jest.isolateModules(() => {
    copy = jest.requireActual('../../../lib');
  });
  expect(copy.BulkheadFullError).not.toBe(BulkheadFullError);
  return new copy.BulkheadFullError('rates', 1, 0);
}

const thrown: Record<string, () => unknown> = {
  teapot: () => new HttpException('short and stout', 418),
  error: () => new Error('password wrong'),
  configuration: () => new ConfigurationError('rates', []),
  throttled: () => new ThrottledError('rates', 1500),
  copy: ofAnotherCopy,
};

@Controller()
class RatesController {
  constructor(private readonly rates: Rates) {}

  @Get('down')
  down(): Promise<never> {
    return this.rates.down();
  }

  @Get('limited')
  limited(): Promise<string> {
    return this.rates.limited();
  }

  @Get('slow')
  slow(): Promise<never> {
    return this.rates.slow();
  }

  /** The call that runs makes another one. */
  @Get('full')
  full(): Promise<unknown> {
    return this.rates.full(() => this.rates.full(() => Promise.resolve()));
  }

  @Get('thrown/:what')
  throw(@Param('what') what: string): never {
    throw thrown[what]!();
  }
}

let app: Application;

const start = async (parts: Parts, platform: keyof typeof platforms = 'express', prepare?: (nest: INestApplication) => unknown): Promise<void> => {
  app = await Application.start({ controllers: [RatesController], ...parts, providers: [Rates, ...(parts.providers ?? [])] }, platform, prepare);
};

afterEach(async () => {
  await app.close();
  registry.reset();
  clock.advance(60_000);
});

describe.each(['express', 'fastify'] as const)('the exception filter, on %s', (platform) => {
  beforeEach(() => start({ imports: [BreakerBoxModule.forRoot()] }, platform));

  it('answers an open circuit with 503 and the time of the next probe', async () => {
    expect((await app.request('/down')).status).toBe(500);
    clock.advance(18_500);
    expect(await app.request('/down')).toEqual({
      status: 503,
      retryAfter: '42',
      body: { statusCode: 503, error: 'Service Unavailable', message: 'temporarily unavailable, try again in 42 s', code: 'BREAKER_OPEN' },
    });
  });

  it('answers a rate limit with 429 and the time of the next token', async () => {
    expect((await app.request('/limited')).status).toBe(200);
    expect(await app.request('/limited')).toMatchObject({ status: 429, retryAfter: '30', body: { error: 'Too Many Requests', code: 'BREAKER_RATE_LIMITED' } });
  });

  it('answers a timeout with 504', async () => {
    expect(await app.request('/slow')).toMatchObject({ status: 504, retryAfter: null, body: { error: 'Gateway Timeout', code: 'BREAKER_TIMEOUT' } });
  });

  it('answers a full bulkhead, and a throttled call, with 503', async () => {
    expect(await app.request('/full')).toMatchObject({ status: 503, retryAfter: null, body: { code: 'BREAKER_BULKHEAD_FULL' } });
    expect(await app.request('/thrown/throttled')).toMatchObject({ status: 503, retryAfter: '2', body: { code: 'BREAKER_THROTTLED' } });
  });

  it('answers errors of another copy of the package', async () => {
    expect(await app.request('/thrown/copy')).toMatchObject({ status: 503, body: { code: 'BREAKER_BULKHEAD_FULL' } });
  });

  it('leaves other errors to Nest, those of a wrong configuration included', async () => {
    expect(await app.request('/thrown/teapot')).toMatchObject({ status: 418, body: { message: 'short and stout' } });
    for (const what of ['error', 'configuration']) {
      expect(await app.request(`/thrown/${what}`)).toMatchObject({ status: 500, body: { message: 'Internal server error' } });
    }
  });
});

describe('the exception filter', () => {
  @Catch()
  class Everything implements ExceptionFilter {
    constructor(private readonly host: HttpAdapterHost) {}

    catch(_error: unknown, host: ArgumentsHost): void {
      this.host.httpAdapter.reply(host.switchToHttp().getResponse(), 'caught by another', 599);
    }
  }

  it('is not there when it is not wanted', async () => {
    await start({ imports: [BreakerBoxModule.forRoot({ filter: false })] });
    expect((await app.request('/thrown/throttled')).status).toBe(500);
  });

  it('can be an application\'s without the module', async () => {
    await start({}, 'express', (nest) => nest.useGlobalFilters(new BreakerBoxExceptionFilter(nest.get(HttpAdapterHost))));
    expect((await app.request('/thrown/throttled')).status).toBe(503);
  });

  it('can be a controller\'s, injected', async () => {
    @Controller('own')
    @UseFilters(BreakerBoxExceptionFilter)
    class Own {
      @Get()
      throw(): never {
        throw new ThrottledError('rates', 1500);
      }
    }
    await start({ controllers: [RatesController, Own] });
    expect((await app.request('/own')).status).toBe(503);
    expect((await app.request('/thrown/throttled')).status).toBe(500);
  });

  it('gives way to a filter of the controller', async () => {
    @Catch(CircuitOpenError, ThrottledError)
    class Own implements ExceptionFilter {
      catch(_error: unknown, host: ArgumentsHost): void {
        host.switchToHttp().getResponse().status(598).end();
      }
    }
    @Controller('own')
    @UseFilters(Own)
    class OwnController {
      @Get()
      throw(): never {
        throw new ThrottledError('rates', 1500);
      }
    }
    await start({ controllers: [RatesController, OwnController], imports: [BreakerBoxModule.forRoot()] });
    expect((await app.request('/own')).status).toBe(598);
  });

  describe('beside a global filter for everything', () => {
    @Module({ providers: [{ provide: APP_FILTER, useClass: Everything }] })
    class Filters {}
    const ours = BreakerBoxModule.forRoot();

    it.each<[string, number, Parts, boolean]>([
      ['answers before one of the application module', 503, { imports: [ours], providers: [{ provide: APP_FILTER, useClass: Everything }] }, false],
      ['answers before one of a module that is imported earlier', 503, { imports: [Filters, ours] }, false],
      ['gives way to one of a module that is imported later', 599, { imports: [ours, Filters] }, false],
      ['gives way to one that is added in main', 599, { imports: [ours] }, true],
    ])('%s, as Nest orders them', async (_which, status, parts, inMain) => {
      await start(parts, 'express', (nest) => inMain && nest.useGlobalFilters(new Everything(nest.get(HttpAdapterHost))));
      expect((await app.request('/thrown/throttled')).status).toBe(status);
      expect((await app.request('/thrown/error')).status).toBe(599);
    });
  });

  it('ends an answer that has begun already', async () => {
    @Controller('begun')
    class Begun {
      @Get()
      throw(@Res() response: { write(text: string): void }): never {
        response.write('begun');
        throw new ThrottledError('rates', 1500);
      }
    }
    await start({ controllers: [Begun], imports: [BreakerBoxModule.forRoot()] });
    expect(await app.request('/begun')).toMatchObject({ status: 200, body: 'begun' });
  });
});
