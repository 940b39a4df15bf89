import { BreakerRegistry, withBreaker, type BreakerEvents } from '../../lib';
import { Plan } from '../../lib/pipeline/plan';

/** Calls that the wrapper cannot run by itself go through here. */
const layers = jest.spyOn(Plan.prototype, 'run');

describe('a listener', () => {
  const rare: (keyof BreakerEvents)[] = ['transition', 'reject', 'override'];
  const ofEachAttempt: (keyof BreakerEvents)[] = ['success', 'failure', 'ignored', 'late', 'probe'];

  it.each([...rare.map((type) => [type, 0] as const), ...ofEachAttempt.map((type) => [type, 3] as const)])(
    'to %s, at the breaker or at the registry, makes %d of three calls take the long way',
    async (type, long) => {
      const registry = new BreakerRegistry();
      const call = withBreaker(async () => 'it', { registry });
      await call();
      for (const emitter of [call.breaker!, registry]) {
        const stop = (emitter as BreakerRegistry).on(type, () => undefined);
        layers.mockClear();
        for (let n = 0; n < 3; n++) await call();
        expect(layers).toHaveBeenCalledTimes(long);
        stop();
        layers.mockClear();
        await call();
        expect(layers).not.toHaveBeenCalled();
      }
    },
  );
});
