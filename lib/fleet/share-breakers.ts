import { ConfigurationError } from '../core/errors';
import { having, isRegistry, problems, resolve } from '../core/options';
import { endReplaced, startExporter } from '../operate/exporters';
import { placeOf } from '../registry/place';
import type { FleetReading } from '../registry/fleet-reading';
import type { BreakerRegistry } from '../registry/registry';
import { shareSchema, type ShareOptions } from './options';
import { RegistrySharing } from './registry-sharing';
import type { FleetStore } from './store';

/** The sharing of a registry's breakers. */
export interface SharedBreakers extends FleetReading {
  /** This process, as others see it. */
  readonly process: string;
  /** Ends it: the breakers go on by themselves, from the state they are in. The client of the store is left open. */
  stop(): void;
}

const storeSchema = having<FleetStore>('a FleetStore, such as redisStore(fromNodeRedis(client)) gives', 'read', 'compareAndSet', 'announce', 'members');

/**
 * Shares the breakers of a registry with other processes, through a store. Those that are there, and those to come; not those of instances, nor
 * of operations whose name is numbered (`#2`), which may mean another operation elsewhere.
 *
 * No call waits for the store, but the one that asks for a probe slot (`probeWait`). While the store is away, each breaker goes on by itself;
 * the registry's `store` event tells of that, and of its end.
 *
 * When the module that shares them is loaded again, as by a hot reload, the sharing of its earlier load is stopped first.
 *
 * @throws {@link ConfigurationError} that names every problem; also when the registry is shared already.
 */
export function shareBreakers(registry: BreakerRegistry, store: FleetStore, given: ShareOptions = {}): SharedBreakers {
  const subject = 'shareBreakers';
  const issues = [
    ...(isRegistry(registry) ? [] : [{ path: 'registry', message: 'must be a BreakerRegistry', received: registry }]),
    ...problems(storeSchema, store).map((issue) => ({ ...issue, path: 'store' })),
    ...problems(shareSchema, given).map((issue) => ({ ...issue, path: issue.path === '' ? 'options' : `options.${issue.path}` })),
  ];
  const traits = { kind: subject, target: {}, place: placeOf(shareBreakers), isSingle: true };
  if (issues.length === 0) endReplaced(registry, traits);
  if (isRegistry(registry) && registry.fleet !== undefined) {
    issues.push({ path: 'registry', message: 'is shared already: stop that sharing first', received: registry });
  }
  if (issues.length > 0) throw new ConfigurationError(subject, issues);
  const sharing = new RegistrySharing(registry, store, resolve(shareSchema, given, subject));
  const stop = startExporter(registry, traits, () => () => {
    sharing.stop();
  });
  return {
    get health() {
      return sharing.health;
    },
    get stats() {
      return sharing.stats;
    },
    process: sharing.process,
    stop,
  };
}
