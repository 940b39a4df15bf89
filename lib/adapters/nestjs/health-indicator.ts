import { Dependencies, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { breakerHealth, type BreakerHealth, type HealthOptions } from '../../operate/health';
import type { BreakerRegistry } from '../../registry/registry';
import { BREAKER_REGISTRY } from './options';

/** The result of a health check of Terminus: the state of each operation, under the key of the indicator. */
export type BreakerHealthResult<Key extends string = string> = Record<Key, BreakerHealth>;

/** Shows the breakers in a health check of `@nestjs/terminus`, whose `TerminusModule` must be imported somewhere. */
@Injectable()
@Dependencies(ModuleRef, BREAKER_REGISTRY)
export class BreakerHealthIndicator {
  readonly #modules: ModuleRef;
  readonly #registry: BreakerRegistry;

  constructor(modules: ModuleRef, registry: BreakerRegistry) {
    this.#modules = modules;
    this.#registry = registry;
  }

  /**
   * `up` with details, whatever is open; `down` while a `critical` operation rejects all calls. See {@link breakerHealth}.
   *
   * @throws {@link ConfigurationError} when the options are wrong.
   */
  isHealthy<const Key extends string = 'breakers'>(key?: Key, options: HealthOptions = {}): BreakerHealthResult<Key> {
    const { status, operations } = breakerHealth(this.#registry, options);
    const indicator = this.#indicators().check(key ?? 'breakers');
    return status === 'up' ? indicator.up({ operations }) : indicator.down({ operations });
  }

  #indicators() {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who checks health needs Terminus
    const { HealthIndicatorService } = require('@nestjs/terminus') as typeof import('@nestjs/terminus');
    try {
      return this.#modules.get(HealthIndicatorService, { strict: false });
    } catch (error) {
      throw new Error('BreakerHealthIndicator needs TerminusModule: import it where the health controller is', { cause: error });
    }
  }
}
