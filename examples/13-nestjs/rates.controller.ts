import { Controller, Get, Param, ParseEnumPipe, UseGuards } from '@nestjs/common';
import { CircuitBreaker } from 'breaker-box';
import { RatesService, type Rate } from './rates.service';
import { Roles, RolesGuard } from './roles.guard';

enum Currency {
  EUR = 'EUR',
  SEK = 'SEK',
}

@Controller('rates')
export class RatesController {
  constructor(private readonly rates: RatesService) {}

  @Get(':currency')
  current(@Param('currency', new ParseEnumPipe(Currency)) currency: string): Promise<Rate> {
    return this.rates.current(currency);
  }

  /** A breaker on a handler, among other decorators: in whatever order, the guard holds. */
  @Get(':currency/history')
  @CircuitBreaker({ name: 'rates.history-page' })
  @Roles('analyst')
  @UseGuards(RolesGuard)
  history(@Param('currency', new ParseEnumPipe(Currency)) currency: string): Promise<Rate[]> {
    return this.rates.history(currency);
  }
}
