import { once } from 'node:events';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { BreakerRegistry, currentCall, withBreaker } from '../../../../../lib';
import { fromIoredis, fromNodeRedis, redisStore, type RedisLike } from '../../../../../lib/fleet/redis';
import { shareBreakers, type FleetStore, type Stored } from '../../../../../lib/fleet';
import { decode, NO_RECORD } from '../../../../../lib/fleet/record';
import { machineMs } from '../../../../support/machine-time';
import { DependencyClient } from './dependency-client';
import { MeasuredCall } from './measured-call';
import type { CallRecord, MemberMessage, MemberOrder, MemberSetting } from './member-messages';
import { breakerOptions, shareOptions } from './share-options';

// One process of a fleet: calls the dependency at a steady pace, through a breaker that it shares with others, and tells what it meets.

type Told = MemberMessage extends infer M ? (M extends unknown ? Omit<M, 'at'> : never) : never;

const setting = JSON.parse(process.argv[2] ?? '') as MemberSetting;

const tell = (message: Told): void => {
  process.send?.({ ...message, at: machineMs() });
};

// Its parent has gone.
process.on('disconnect', () => process.exit());

const uncaught: string[] = [];
process.on('unhandledRejection', (reason) => uncaught.push(`rejection: ${String(reason)}`));
process.on('uncaughtException', (error) => uncaught.push(`error: ${String(error)}`));
process.on('warning', (warning) => uncaught.push(`warning: ${warning.message}`));

async function connectRedis({ client, redisPort }: MemberSetting): Promise<RedisLike> {
  if (client === 'ioredis') {
    const ioredis = new Redis(redisPort).on('error', () => undefined);
    // Its first commands would wait for that, while the process has only begun.
    await once(ioredis, 'ready');
    return fromIoredis(ioredis);
  }
  const nodeRedis = createClient({ url: `redis://127.0.0.1:${redisPort}` }).on('error', () => undefined);
  await nodeRedis.connect();
  return fromNodeRedis(nodeRedis);
}

/** Tells what a store confirms. */
function watched(store: FleetStore): FleetStore {
  let known = -1;
  const note = (stored: Stored | undefined): void => {
    const { epoch, state } = (stored && decode(stored.value)) ?? NO_RECORD;
    if (epoch > known) tell({ kind: 'confirmed', epoch, state });
    known = Math.max(known, epoch);
  };
  return {
    shardOf: (name) => store.shardOf?.(name) ?? '',
    subscribe: (listener) => store.subscribe!(listener),
    announce: (process, value, lastsMs) => store.announce(process, value, lastsMs),
    members: () => store.members(),
    async read(names) {
      const reading = await store.read(names);
      reading.stored.forEach(note);
      return reading;
    },
    async compareAndSet(name, expected, next, lastsMs) {
      const written = await store.compareAndSet(name, expected, next, lastsMs);
      note(written.done ? next : written.stored);
      return written;
    },
  };
}

async function main(): Promise<void> {
  const dependency = await DependencyClient.connect(setting.dependencyPort, setting.member);
  const store = redisStore(await connectRedis(setting));
  const registry = new BreakerRegistry();
  registry.on('transition', ({ to, reason }) => tell({ kind: 'transition', to, reason }));
  registry.on('store', ({ health, operation, error }) => tell({ kind: 'store', health, operation, error: String(error) }));

  const pay = withBreaker(async (measured: MeasuredCall) => measured.run(callDependency), { ...breakerOptions, registry });
  const callDependency = (): Promise<string> => {
    const signal = currentCall()?.signal;
    // Nothing else than the loss of its slot can end a call here.
    const passage = signal !== undefined ? 'probe' : pay.breaker?.state === 'closed' ? 'call' : 'own probe';
    return dependency.call(passage, signal);
  };
  const mayProbe = (): boolean => pay.breaker?.state === 'half_open';
  const sharing = shareBreakers(registry, watched(store), { ...shareOptions(setting.commandTimeout), process: `member-${setting.member}` });

  const calls: CallRecord[] = [];
  setInterval(() => {
    const wasDue = mayProbe();
    const measured = new MeasuredCall();
    const call = pay(measured);
    // Or has become due just then.
    void measured.end(call, wasDue || mayProbe()).then((record) => calls.push(record));
  }, setting.pace);

  process.on('message', (order: MemberOrder) => {
    if (order.kind === 'stand still') {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
      return;
    }
    globalThis.gc?.();
    const { commands, ignored: messagesIgnored } = sharing.stats;
    tell({ kind: 'report', report: { calls, uncaught, heap: process.memoryUsage().heapUsed, commands, messagesIgnored } });
  });
}

void main();
