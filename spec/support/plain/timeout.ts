import { following, PlainRejection, type MakeLayer } from './layer';

export function plainTimeout({ duration, mode }: { duration: number; mode: 'abandon' | 'cooperative' }): MakeLayer {
  return (next, world) => ({
    isBlocked: () => next.isBlocked(),
    run(call) {
      const { controller, leave } = following(call.signal);
      const deadline = Math.min(call.deadline, world.clock.now() + duration);
      return new Promise((resolve, reject) => {
        let isUp = false;
        const timer = world.clock.setTimeout(() => {
          // Who has given up before has no use for the time being up.
          if (call.signal.aborted) return mode === 'abandon' ? reject(call.signal.reason as Error) : undefined;
          isUp = true;
          world.tell('timeout', { attempt: call.attempt });
          const error = new PlainRejection('BREAKER_TIMEOUT');
          controller.abort(error);
          if (mode === 'abandon') reject(error);
        }, deadline - world.clock.now());
        const settled = (): void => {
          world.clock.clearTimeout(timer);
          leave();
        };
        next.run({ ...call, signal: controller.signal, deadline }).then(
          (value) => {
            settled();
            resolve(value);
          },
          (error: unknown) => {
            settled();
            reject(isUp ? new PlainRejection('BREAKER_TIMEOUT', { cause: error }) : (error as Error));
          },
        );
      });
    },
  });
}
