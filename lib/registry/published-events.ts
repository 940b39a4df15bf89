import { builtinModule } from '../core/platform';
import { Observers } from '../core/observers';
import type { RegistryEvents } from './events';
import type { RegistryObserver } from './registry';

/** As much of a channel of `node:diagnostics_channel` as is used. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** What is published, as `breaker-box:` and its name. Nothing that happens at every call: a channel cannot tell of its first subscriber. */
const PUBLISHED = ['transition', 'reject', 'retry', 'probe', 'late'] as const satisfies readonly (keyof RegistryEvents)[];

/** Undefined until somebody could be told something: to look for Node's module costs time at the start. */
let channels: ReadonlyMap<keyof RegistryEvents, Channel> | undefined;

function channelOf(type: keyof RegistryEvents): Channel | undefined {
  return (channels ??= openChannels()).get(type);
}

function openChannels(): ReadonlyMap<keyof RegistryEvents, Channel> {
  const diagnostics = builtinModule<{ channel(name: string): Channel }>('node:diagnostics_channel');
  return new Map(diagnostics === undefined ? [] : PUBLISHED.map((type) => [type, diagnostics.channel(`breaker-box:${type}`)]));
}

/** The events of a registry: for its listeners, and for those who subscribed to the process's diagnostics channels. */
export class PublishedEvents extends Observers<RegistryEvents, RegistryObserver> {
  override has(type: keyof RegistryEvents): boolean {
    return super.has(type) || channelOf(type)?.hasSubscribers === true;
  }

  override emit<E extends keyof RegistryEvents>(type: E, event: RegistryEvents[E]): void {
    super.emit(type, event);
    const channel = channelOf(type);
    if (channel?.hasSubscribers === true) channel.publish(event);
  }
}
