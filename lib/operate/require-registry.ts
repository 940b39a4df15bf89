import { ConfigurationError } from '../core/errors';
import { isRegistry } from '../core/options';

/** @throws {@link ConfigurationError} when what should be a registry is none. */
export function requireRegistry(registry: unknown, subject: string): void {
  if (isRegistry(registry)) return;
  throw new ConfigurationError(subject, [{ path: 'registry', message: 'must be a BreakerRegistry', received: registry }]);
}
