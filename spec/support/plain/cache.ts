import { following, type MakeLayer } from './layer';

interface Shared {
  readonly result: Promise<unknown>;
  readonly controller: AbortController;
  waiting: number;
}

export function plainCache({ ttl }: { ttl: number }): MakeLayer {
  return (next, world) => {
    const kept = new Map<string, { readonly value: unknown; readonly until: number }>();
    const inFlight = new Map<string, Shared>();

    function share(key: string, args: readonly unknown[], attempt: number): Shared {
      const controller = new AbortController();
      const result = next.run({ args, attempt, signal: controller.signal, deadline: Infinity });
      const shared = { result, controller, waiting: 0 };
      inFlight.set(key, shared);
      const leave = (): void => {
        if (inFlight.get(key) === shared) inFlight.delete(key);
      };
      result.then((value) => {
        leave();
        if (!controller.signal.aborted) kept.set(key, { value, until: world.clock.now() + ttl });
      }, leave);
      return shared;
    }

    return {
      isBlocked: () => next.isBlocked(),
      run({ args, signal, attempt }) {
        if (signal.aborted) return Promise.reject(signal.reason as Error);
        const key = JSON.stringify(args);
        const hit = kept.get(key);
        if (hit !== undefined && world.clock.now() < hit.until) {
          world.tell('cache', { outcome: 'hit' });
          return Promise.resolve(hit.value);
        }
        const known = inFlight.get(key);
        world.tell('cache', { outcome: known === undefined ? 'miss' : 'coalesced' });
        const shared = known ?? share(key, args, attempt);
        shared.waiting++;
        const { controller: own, leave } = following(signal);
        return new Promise((resolve, reject) => {
          own.signal.addEventListener('abort', () => {
            reject(own.signal.reason as Error);
            if (--shared.waiting > 0) return;
            if (inFlight.get(key) === shared) inFlight.delete(key);
            shared.controller.abort(own.signal.reason);
          });
          void shared.result.then(resolve, reject).finally(leave);
        });
      },
    };
  };
}
