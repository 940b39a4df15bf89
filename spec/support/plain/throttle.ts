import { hasCode, isAbort, isRejection, PlainRejection, type MakeLayer } from './layer';

/** Over a window that nothing leaves. A request counts when its fate is known. */
export function plainThrottle({ k, maxRejection, random }: { k: number; maxRejection: number; random: () => number }): MakeLayer {
  return (next, world) => {
    let requests = 0;
    let accepts = 0;
    return {
      isBlocked: () => next.isBlocked(),
      async run(call) {
        const probability = Math.min(maxRejection, Math.max(0, (requests - k * accepts) / (requests + 1)));
        if (probability > 0 && random() < probability) {
          requests++;
          world.tell('throttle', { probability });
          throw new PlainRejection('BREAKER_THROTTLED');
        }
        try {
          const value = await next.run(call);
          requests++;
          accepts++;
          return value;
        } catch (error) {
          const isCallers = call.signal.aborted && !hasCode(call.signal.reason, 'BREAKER_TIMEOUT');
          if (!isCallers && !isAbort(error) && !isRejection(error)) requests++;
          throw error;
        }
      },
    };
  };
}
