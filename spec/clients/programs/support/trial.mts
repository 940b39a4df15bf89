import { BreakerRegistry, type Clock, type PolicyOptions, withPolicies } from 'breaker-box';
import { type Shape, shapeOf } from './error-shape.mts';

/** How a call went that may be tried three times. */
export interface Tally {
  readonly runs: number;
  readonly failures: number;
  readonly ignored: number;
  /** Milliseconds before each retry. */
  readonly waits: readonly number[];
}

/** How it went with a preset, and with a retry and a breaker that know nothing of the client; and the client's error. */
export interface Trial {
  readonly preset: Tally;
  readonly plain: Tally;
  readonly error: Shape | undefined;
}

/** Waits are over at once: a program need not wait the ten seconds that a server asks for. */
const impatient: Clock = {
  now: () => performance.now(),
  setTimeout: (fn) => setTimeout(fn, 0),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout);
  },
};

type Preset = (overrides?: PolicyOptions) => PolicyOptions;

const retry = { maxAttempts: 3, jitter: false, idempotent: true, clock: impatient } as const;

/** Tries what a client does in one situation. @param act - One attempt. */
export async function trial(preset: Preset, act: () => Promise<unknown>): Promise<Trial> {
  const { error, tally } = await run(act, preset({ retry }));
  const { tally: plain } = await run(act, { retry, breaker: { failureThreshold: 100 } });
  return { preset: tally, plain, error: error === undefined ? undefined : shapeOf(error) };
}

/** What the caller of a cancelled call was given. */
export interface CancelledTrial extends Trial {
  /** Where the signal is the call's own too: the preset tells the caller the signal's reason. */
  readonly known: Tally & { readonly isReason: boolean };
  readonly isClientsOwnError: boolean;
}

/**
 * Cancels what a client does, by a signal that only the client knows, then by one that the retry knows as well.
 *
 * @param reason - Why; an `AbortError` where it is not said.
 */
export async function cancelledTrial(preset: Preset, act: (signal: AbortSignal) => Promise<unknown>, reason?: Error): Promise<CancelledTrial> {
  let own: unknown;
  const byShape = await trial(preset, async () => {
    try {
      return await act(abortedSoon(reason).signal);
    } catch (error) {
      own = error;
      throw error;
    }
  });
  const controller = abortedSoon(reason);
  const { error, tally } = await run(() => act(controller.signal), preset({ retry: { ...retry, signal: controller.signal } }));
  return { ...byShape, isClientsOwnError: own !== undefined, known: { ...tally, isReason: error === controller.signal.reason } };
}

function abortedSoon(reason: Error | undefined): AbortController {
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(reason);
  }, 30);
  return controller;
}

async function run(act: () => Promise<unknown>, policies: PolicyOptions): Promise<{ error: unknown; tally: Tally }> {
  const registry = new BreakerRegistry();
  const waits: number[] = [];
  let runs = 0;
  registry.on('retry', ({ delay }) => waits.push(delay));
  const call = withPolicies(
    async () => {
      runs++;
      return act();
    },
    { ...policies, name: 'call', registry },
  );
  const error: unknown = await call().then(() => undefined, (thrown: unknown) => thrown);
  const { failures, ignored } = call.breaker!.stats;
  return { error, tally: { runs, failures, ignored, waits } };
}
