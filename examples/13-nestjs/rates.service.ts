import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { CircuitBreaker, RateLimit, Retry, Timeout } from 'breaker-box';
import { get } from '../support/http';
import type { Configuration } from './configuration';

export interface Rate {
  readonly currency: string;
  readonly rate: number;
}

/** The exchange rates of another service. */
@Injectable()
export class RatesService {
  constructor(private readonly config: ConfigService<Configuration, true>) {}

  /** The code says ten failures; the configuration of this application says three. */
  @Retry({ name: 'rates.current', maxAttempts: 2, baseDelay: '10ms' })
  @CircuitBreaker({ failureThreshold: 10 })
  @Timeout('200ms')
  async current(currency: string): Promise<Rate> {
    return (await get(this.#url(currency))).json() as Promise<Rate>;
  }

  @RateLimit({ name: 'rates.history', limit: 2, interval: '60s' })
  async history(currency: string): Promise<Rate[]> {
    return [await this.current(currency)];
  }

  #url(currency: string): string {
    return `${this.config.get('ratesUrl', { infer: true })}/rates/${currency}`;
  }
}
