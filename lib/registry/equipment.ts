import { shared } from '../core/shared';
import type { Breaker } from '../breaker/breaker';
import type { BreakerOptions, BreakerSettings } from '../breaker/options';
import type { BreakerGroup } from './breaker-group';
import type { OptionSource } from './config';

/** What makes the breakers of operations. Who applies a breaker brings it, so that a retry alone does not bundle breakers. */
export interface Equipment {
  /** @throws {@link ConfigurationError} when the defaults of the registry are wrong. */
  settings(sources: readonly OptionSource[], name: string): BreakerSettings;
  /**
   * @param settingsNow - Gives the settings of a breaker that is made now.
   * @param made - Called when a breaker of a key or an instance is in its place.
   */
  group(name: string, settingsNow: () => BreakerSettings, sink: unknown, made: (breaker: Breaker) => void): BreakerGroup;
  /** Changes the settings of one breaker. @param changed - Options that it does not keep for itself any more. */
  adopt(breaker: Breaker, settings: BreakerSettings, changed: BreakerOptions): void;
  /** Goes on in a new generation: attempts in flight become late. */
  beginGeneration(breaker: Breaker): void;
}

/** Of the first copy of the package that applied a breaker. */
export const equipment = shared<{ current: Equipment | undefined }>('breaker-equipment', () => ({ current: undefined }));
