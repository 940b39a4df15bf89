import type { BreakerBoxOptions } from 'breaker-box/nestjs';

export interface Configuration {
  /** Where the exchange rates come from. */
  readonly ratesUrl: string;
  readonly breakers: BreakerBoxOptions;
}

/** What `ConfigModule` loads: of the environment, as an operator sets it. */
export function configuration(): Configuration {
  return {
    ratesUrl: process.env.RATES_URL ?? 'http://127.0.0.1:3001',
    breakers: {
      defaults: { recoveryTimeout: '30s' },
      // JSON, so that thresholds change without a new release: {"rates.*":{"failureThreshold":3}}
      operations: JSON.parse(process.env.BREAKERS ?? '{}') as BreakerBoxOptions['operations'],
    },
  };
}
