import type { TimerClock } from '../timer-clock';

// The policies once more, each as the few plain lines that its rules come to: promises, `AbortController`s and closures,
// nested one in the other, without a thought for speed. The pipeline is compared with them.

/** One attempt of a call. */
interface PlainCall {
  readonly args: readonly unknown[];
  readonly signal: AbortSignal;
  readonly attempt: number;
  /** When a timeout around it ends it. */
  readonly deadline: number;
}

export interface Layer {
  run(call: PlainCall): Promise<unknown>;
  /** Whether a circuit inside is open. */
  isBlocked(): boolean;
}

export interface World {
  readonly clock: TimerClock;
  /** Events that are not a single attempt's, in order. */
  tell(type: string, details: object): void;
}

export type MakeLayer = (next: Layer, world: World) => Layer;

/** A rejection by a policy of the operation itself. */
export class PlainRejection extends Error {
  constructor(
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof PlainRejection && codes.includes(error.code);
}

export function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'AbortError';
}

/** Whether a policy did not let a call run. */
export function isRejection(error: unknown): boolean {
  return error instanceof PlainRejection && error.code !== 'BREAKER_TIMEOUT';
}

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export function pause(ms: number, { clock }: World, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const leave = (): void => {
      clock.clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    signal.addEventListener('abort', leave, { once: true });
  });
}

/** An `AbortController` that also aborts with another signal, until it is told to leave that. */
export function following(signal: AbortSignal): { readonly controller: AbortController; readonly leave: () => void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return { controller, leave: () => signal.removeEventListener('abort', follow) };
}

/** Until all that happens in this moment has reached those whom it concerns, however many promises are between them. */
export async function sameMoment(): Promise<void> {
  for (let reaction = 0; reaction < 50; reaction++) await Promise.resolve();
}
