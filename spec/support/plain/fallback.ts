import type { MakeLayer } from './layer';

export function plainFallback({ use }: { use: (error: unknown, ...args: unknown[]) => unknown }): MakeLayer {
  return (next, world) => ({
    isBlocked: () => next.isBlocked(),
    async run(call) {
      try {
        return await next.run(call);
      } catch (error) {
        // Nobody waits for an answer any more.
        if (call.signal.aborted) throw error;
        world.tell('fallback', {});
        return use(error, ...call.args);
      }
    },
  });
}
