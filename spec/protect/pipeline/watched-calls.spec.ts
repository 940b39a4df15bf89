import { setImmediate as macrotask } from 'node:timers/promises';
import fc from 'fast-check';
import { BreakerRegistry, currentCall, withPolicies, type PolicyOptions } from '../../../lib';
import { runs } from '../../support/runs';

/** What a function can do when it is called. */
type Act = (world: World) => unknown;

interface World {
  readonly registry: BreakerRegistry;
  readonly again: () => Promise<unknown>;
}

const acts: Record<string, Act> = {
  returns: () => 'it',
  resolves: () => Promise.resolve('it'),
  resolvesLater: () => macrotask('later'),
  isThenable: () => ({ then: (react: (value: string) => void) => { react('it'); } }),
  throws: () => { throw new Error('thrown'); },
  rejects: () => Promise.reject(new Error('rejected')),
  rejectsLater: async () => { await Promise.resolve(); throw new Error('rejected later'); },
  callsAgain: ({ again }) => again().catch((error: Error) => error.message),
  trips: ({ registry }) => { registry.get('op')?.trip(); return 'tripped'; },
  resets: async ({ registry }) => { registry.get('op')?.reset(); return await Promise.resolve('reset'); },
  leaves: ({ registry }) => { registry.delete('op'); throw new Error('left'); },
  isWatchedForAMoment: async ({ registry }) => { registry.on('success', () => undefined)(); throw new Error('watched'); },
};

const stacks: PolicyOptions[] = [
  { breaker: { failureThreshold: 3 } },
  { retry: { maxAttempts: 3, baseDelay: 0 }, breaker: { failureThreshold: 4 } },
  { retry: { maxAttempts: 2, baseDelay: 0 } },
  { timeout: '1m', breaker: { failureThreshold: 3 } },
];

/** All that can be seen of some calls: what the function saw, what the caller got, what the breaker counted. */
async function seen(options: PolicyOptions, names: readonly string[], isWatched: boolean): Promise<unknown[]> {
  const registry = new BreakerRegistry();
  if (isWatched) registry.on('call', () => undefined);
  const log: unknown[] = [];
  const left = [...names];
  const self = { name: 'self' };
  const call = withPolicies(
    function (this: unknown, ...args: number[]): unknown {
      const name = left.shift() ?? 'resolves';
      log.push([name, this, args, currentCall()!.attempt]);
      return acts[name]!({ registry, again: () => call.call(self, 0) as Promise<unknown> });
    } as (...args: number[]) => Promise<unknown>,
    { name: 'op', registry, ...options },
  );
  // Bounded, for an open circuit lets the function do nothing.
  for (let n = 0; left.length > 0 && n < 100; n++) {
    log.push(await call.call(self, n, 2).then((value) => ({ value }), (error: Error) => ({ error: error.message })));
    const breaker = registry.get('op');
    const { successes, failures, ignored, late, rejected } = breaker?.stats ?? ({} as never);
    log.push([breaker?.state, successes, failures, ignored, late, rejected]);
    if (breaker?.state === 'open') breaker.reset();
  }
  return log;
}

it('a call that is watched is the same to all who look as one that is not', async () => {
  const anyActs = fc.array(fc.constantFrom(...Object.keys(acts)), { minLength: 2, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...stacks), anyActs, async (options, names) => {
      expect(await seen(options, names, false)).toEqual(await seen(options, names, true));
    }),
    { numRuns: runs(200) },
  );
});
