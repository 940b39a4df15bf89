import { Breaker, BreakerRegistry, currentCall, withPolicies, type Policy } from '../../../lib';
import type { MakeLayer } from '../../support/plain/layer';
import { nest, PLAIN } from '../../support/plain/stack';
import { TimerClock } from '../../support/timer-clock';
import type { Pair, Run, Scenario } from './random-stack';

/** All that can be seen of a scenario. */
export interface Played {
  /** Runs of the function. */
  readonly runs: readonly string[];
  /** How each call ended. */
  readonly ends: readonly string[];
  readonly events: readonly string[];
  /** Timers that are left. */
  readonly armed: number;
  readonly unsettled: number;
}

const EVENTS = {
  transition: ['from', 'to'],
  reject: [],
  retry: ['attempt', 'delay'],
  timeout: ['attempt'],
  bulkhead: ['reason', 'running', 'queued'],
  rateLimit: ['retryAfter'],
  throttle: ['probability'],
  fallback: [],
  hedge: ['hedge', 'delay'],
  cache: ['outcome'],
  chaos: ['injected'],
} as const;

/** What takes part in a scenario: a function under test, called with the caller's signal. */
type Subject = (signal: AbortSignal | undefined, arg: number) => Promise<unknown>;

/** As one list, in the order written. */
export function playFused(stack: readonly Pair[], scenario: Scenario): Promise<Played> {
  return playOwn(stack, scenario, (fn, policies) => withPolicies(fn, policies));
}

/** As one wrapper around the other. */
export function playStacked(stack: readonly Pair[], scenario: Scenario): Promise<Played> {
  return playOwn(stack, scenario, (fn, policies) => policies.reduceRight((inner, policy) => withPolicies(inner, [policy]), fn));
}

type Protect = (fn: (arg: number) => Promise<unknown>, policies: readonly Policy[]) => (arg: number) => Promise<unknown>;

function playOwn(stack: readonly Pair[], scenario: Scenario, protect: Protect): Promise<Played> {
  const stage = new Stage(scenario);
  const { clock } = stage;
  const registry = new BreakerRegistry({ clock });
  for (const [type, fields] of Object.entries(EVENTS)) {
    registry.on(type as keyof typeof EVENTS, (event) => {
      if (event.operation === 'played') stage.tell(type, fields, event);
    });
  }
  const fn = (arg: number): Promise<unknown> => stage.run(currentCall()?.signal, currentCall()!.attempt, arg);
  const policies = stack.map(({ own }) => own({ name: 'played', registry, clock }));
  const played = protect(fn, policies);
  const callers = new Breaker({ name: 'caller', clock, failureThreshold: Infinity });
  return stage.play((signal, arg) => {
    let result: Promise<unknown> | undefined;
    const call = callers.execute(() => (result = played(arg)), signal && { signal });
    return Promise.resolve(result ?? call).finally(() => call.catch(() => undefined));
  });
}

/** As plain functions, one around the other. */
export function playPlain(stack: readonly Pair[], scenario: Scenario): Promise<Played> {
  const stage = new Stage(scenario);
  const tell = (type: string, details: object): void => stage.tell(type, EVENTS[type as keyof typeof EVENTS], details);
  const fn = (signal: AbortSignal, attempt: number, arg: unknown): Promise<unknown> => stage.run(signal, attempt, arg as number);
  const played = nest(withCountingBreaker(stack), fn, stage.clock, tell);
  return stage.play((signal = new AbortController().signal, arg) => played(signal, arg));
}

/** A stack without a breaker has one that only counts, inside all that runs attempts or stands in for them. */
function withCountingBreaker(stack: readonly Pair[]): MakeLayer[] {
  const layers = stack.map(({ plain }) => plain);
  if (stack.some(({ policy }) => policy === 'breaker')) return layers;
  const at = stack.map(({ policy }) => ['retry', 'fallback', 'cache'].includes(policy)).lastIndexOf(true) + 1;
  return [...layers.slice(0, at), PLAIN.breaker({ failureThreshold: Infinity, recoveryTimeout: Infinity }), ...layers.slice(at)];
}

/** Where a scenario is played: its clock, its function, and what is seen of it. */
class Stage {
  readonly clock = new TimerClock();
  readonly #seen = { runs: [] as string[], ends: [] as string[], events: [] as string[] };
  #runs = 0;

  constructor(private readonly scenario: Scenario) {}

  /** The function that is protected. */
  run(signal: AbortSignal | undefined, attempt: number, arg: number): Promise<unknown> {
    const number = this.#runs++;
    const { ends, after } = this.scenario.runs[number % this.scenario.runs.length]!;
    this.#seen.runs.push(`${this.#now()} run ${number} of ${arg}, attempt ${attempt}`);
    if (ends === 'throws') throw new Error(`thrown by ${number}`);
    return new Promise((resolve, reject) => {
      const end = (): void => (ends === 'fails' ? reject(new Error(`failure of ${number}`)) : resolve(`result of ${number}`));
      const timer = this.clock.setTimeout(end, lasts(ends, after));
      if (ends !== 'heeds') return;
      const stop = (): void => {
        this.clock.clearTimeout(timer);
        reject(signal!.reason as Error);
      };
      if (signal?.aborted) stop();
      signal?.addEventListener('abort', stop);
    });
  }

  tell(type: string, fields: readonly string[], event: object): void {
    const details = fields.map((field) => [field, rounded((event as Record<string, unknown>)[field])]);
    this.#seen.events.push(`${this.#now()} ${type} ${JSON.stringify(Object.fromEntries(details))}`);
  }

  async play(subject: Subject): Promise<Played> {
    let unsettled = this.scenario.callers.length;
    this.scenario.callers.forEach(({ at, arg, abortAt }, caller) => {
      this.clock.setTimeout(() => {
        const controller = abortAt === undefined ? undefined : new AbortController();
        if (controller !== undefined) this.clock.setTimeout(() => controller.abort(new DOMException('enough', 'AbortError')), abortAt!);
        const settle = (end: string): void => {
          unsettled--;
          this.#seen.ends.push(`${this.#now()} caller ${caller}: ${end}`);
        };
        subject(controller?.signal, arg).then(
          (value) => settle(String(value)),
          (error: unknown) => settle(nameOf(error)),
        );
      }, at);
    });
    await this.clock.advance(100_000);
    const { runs, ends, events } = this.#seen;
    // What happens at the same moment has no order of its own.
    return { runs: runs.sort(), ends: ends.sort(), events: events.sort(), armed: this.clock.armed, unsettled };
  }

  #now(): string {
    return this.clock.now().toFixed(3).padStart(10, '0');
  }
}

function lasts(ends: Run['ends'], after: number): number {
  return ends === 'heeds' || ends === 'hangs' ? 5_000 + after : after;
}

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value;
}

function nameOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : String(message);
}
