import { ConfigurationError } from '../core/errors';
import type { EventSink } from '../core/observers';
import { copyOptions } from '../core/options';
import type { BreakerEvents } from './events';
import { breakerSettings, checkBreakerOptions, type BreakerOptions, type BreakerSettings } from './options';

/** What a breaker belongs to: an operation of a registry, or nothing. */
export interface BreakerHome {
  readonly name: string;
  readonly key?: string | undefined;
  readonly settings: BreakerSettings;
  readonly sink?: EventSink<BreakerEvents> | undefined;
}

/** Of a breaker by itself. @throws {@link ConfigurationError} */
export function homeless(options: BreakerOptions): BreakerHome {
  const subject = 'new Breaker';
  checkBreakerOptions(options, subject);
  const manyFor = options.key !== undefined ? 'key' : options.scope === 'instance' ? 'scope' : undefined;
  if (manyFor !== undefined) {
    const message = 'a single breaker serves all calls: protect a function or method to have several';
    throw new ConfigurationError(subject, [{ path: manyFor, message, received: options[manyFor] }]);
  }
  return { name: options.name ?? 'anonymous', settings: breakerSettings([copyOptions(options)], subject) };
}
