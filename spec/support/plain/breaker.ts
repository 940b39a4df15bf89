import { hasCode, isAbort, PlainRejection, type MakeLayer } from './layer';

export function plainBreaker({ failureThreshold, recoveryTimeout }: { failureThreshold: number; recoveryTimeout: number }): MakeLayer {
  return (next, world) => {
    let state: 'closed' | 'open' | 'half_open' = 'closed';
    let epoch = 0;
    let failures = 0;
    let openedAt = 0;
    /** The one probe, by the time it began. */
    let probe: { readonly since: number } | undefined;

    const now = (): number => world.clock.now();
    const enter = (to: typeof state): void => {
      world.tell('transition', { from: state, to });
      state = to;
      epoch++;
      probe = undefined;
      if (to === 'open') openedAt = now();
      if (to === 'closed') failures = 0;
    };
    const isOpen = (): boolean => state === 'open' && now() < openedAt + recoveryTimeout;

    /** Whether a probe took as long as the circuit was open: it loses its slot then. */
    const isSilent = ({ since }: { since: number }): boolean => now() >= since + recoveryTimeout;

    return {
      isBlocked: () => isOpen() || next.isBlocked(),
      async run(call) {
        if (state === 'open' && !isOpen()) enter('half_open');
        if (state === 'open' || (state === 'half_open' && probe !== undefined && !isSilent(probe))) {
          world.tell('reject', {});
          throw new PlainRejection('BREAKER_OPEN');
        }
        const own = { since: now() };
        const admittedIn = epoch;
        if (state === 'half_open') probe = own;
        const isLate = (): boolean => epoch !== admittedIn;
        try {
          const value = await next.run(call);
          if (!isLate()) {
            failures = 0;
            if (state === 'half_open') enter('closed');
          }
          return value;
        } catch (error) {
          const { signal } = call;
          const isCallers = signal.aborted && !hasCode(signal.reason, 'BREAKER_TIMEOUT');
          const isIgnored =
            isCallers || isAbort(error) || hasCode(error, 'BREAKER_OPEN', 'BREAKER_BULKHEAD_FULL', 'BREAKER_RATE_LIMITED', 'BREAKER_THROTTLED');
          if (!isLate()) {
            if (isIgnored) {
              if (probe === own) probe = undefined;
            } else {
              failures++;
              if (state === 'half_open' || failures >= failureThreshold) enter('open');
            }
          }
          throw isCallers ? signal.reason : error;
        }
      },
    };
  };
}
