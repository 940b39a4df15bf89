import { following, isAbort, isRejection, pause, type MakeLayer } from './layer';

export function plainHedge({ delay, maxHedges }: { delay: number; maxHedges: number }): MakeLayer {
  return (next, world) => ({
    isBlocked: () => next.isBlocked(),
    run(call) {
      return new Promise((resolve, reject) => {
        const runs: AbortController[] = [];
        let pending = 0;
        let isOver = false;
        let failure: { readonly error: unknown } | undefined;
        let wait = new AbortController();

        const end = (settle: () => void, winner?: AbortController): void => {
          if (isOver) return;
          isOver = true;
          wait.abort();
          for (const run of runs) if (run !== winner) run.abort(new DOMException('another run was faster', 'AbortError'));
          settle();
        };
        const start = (after: number): void => {
          const hedge = runs.length;
          if (hedge > 0) world.tell('hedge', { hedge, delay: after });
          const { controller, leave } = following(call.signal);
          runs.push(controller);
          pending++;
          next.run({ ...call, signal: controller.signal }).then(
            (value) => {
              leave();
              end(() => resolve(value), controller);
            },
            (error: unknown) => {
              leave();
              pending--;
              if (isOver) return;
              if (call.signal.aborted) return end(() => reject(call.signal.reason as Error));
              // That a run was not let through, or was stopped, says nothing of the others.
              const saysNothing = isAbort(error) || isRejection(error);
              if (failure === undefined || !saysNothing) failure = { error };
              if (!saysNothing && runs.length <= maxHedges) start(0);
              else if (pending === 0) end(() => reject(failure!.error as Error));
            },
          );
          wait.abort();
          wait = new AbortController();
          if (runs.length > maxHedges) return;
          const goOn = (): void => {
            if (!call.signal.aborted) start(delay);
          };
          void pause(delay, world, wait.signal).then(goOn, () => undefined);
        };
        start(0);
      });
    },
  });
}
