import { pause, type MakeLayer } from './layer';

export function plainChaos({ latency, fault, result }: { latency?: number; fault?: Error; result?: unknown }): MakeLayer {
  return (next, world) => ({
    isBlocked: () => next.isBlocked(),
    async run(call) {
      if (latency !== undefined) {
        world.tell('chaos', { injected: 'latency' });
        await pause(latency, world, call.signal);
      }
      if (fault !== undefined) {
        world.tell('chaos', { injected: 'fault' });
        throw fault;
      }
      if (result !== undefined) {
        world.tell('chaos', { injected: 'result' });
        return result;
      }
      return next.run(call);
    },
  });
}
