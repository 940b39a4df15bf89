import {
  BreakerRegistry,
  CircuitOpenError,
  withBreaker,
  type Breaker,
  type BreakerEvents,
  type BreakerPermit,
} from '../../lib';
import { type BreakerSnapshot, snapshot } from '../../lib/operate';
import type { ManualClock } from './manual-clock';
import type { Outcome, ReferenceEvent, ReferenceOptions } from './reference-types';

/** A call under way in the library, to be settled later. */
export interface HeldCall {
  /** Only a permit tells. */
  readonly isProbe?: boolean;
  settle(outcome: Outcome, error: Error): Promise<void> | void;
}

/** The ways into a breaker for a call that takes time; each is a code path of its own in the library. */
export const ENTRANCES = ['tryAcquire', 'acquire', 'execute', 'wrapper'] as const;
export type Entrance = (typeof ENTRANCES)[number];

/** What a run listens to. A breaker nobody listens to does less, and must decide the same. */
export const LISTENING = ['nothing', 'transitions', 'everything'] as const;
export type Listening = (typeof LISTENING)[number];

const HEARD = {
  nothing: [],
  transitions: ['transition', 'reject', 'override'],
  everything: ['transition', 'reject', 'override', 'probe', 'success', 'failure', 'ignored', 'late'],
} as const;

type Work = () => Promise<unknown>;

/** The library's breaker, with what a model-based run does to it. */
export class ModelSubject {
  readonly breaker: Breaker;
  readonly events: ReferenceEvent[] = [];
  readonly heard: readonly string[];
  readonly #wrapper: (work: Work) => Promise<unknown>;

  constructor(options: ReferenceOptions, clock: ManualClock, listening: Listening) {
    const wrapper = withBreaker((work: Work) => work(), {
      ...options,
      name: 'subject',
      registry: new BreakerRegistry({ clock }),
    });
    this.#wrapper = wrapper;
    this.breaker = wrapper.breaker!;
    this.heard = HEARD[listening];
    for (const type of HEARD[listening]) this.breaker.on(type, (event) => this.events.push(bare(event)));
  }

  /** @returns The call, admitted; or how it was turned away, as far as the entrance tells. */
  async enter(entrance: Entrance): Promise<HeldCall | CircuitOpenError | undefined> {
    switch (entrance) {
      case 'tryAcquire':
        return held(this.breaker.tryAcquire());
      case 'acquire':
        return rejectionOr(() => held(this.breaker.acquire()));
      case 'execute':
        return begun((work) => this.breaker.execute(work));
      case 'wrapper':
        return begun((work) => this.#wrapper(work));
    }
  }

  /** @returns Whether the call was admitted. */
  runSync(outcome: Outcome, error: Error, meanwhile: () => void): boolean {
    let ran = false;
    const attempt = (): void => {
      ran = true;
      meanwhile();
      if (outcome !== 'success') throw thrownFor(outcome, error);
    };
    try {
      this.breaker.executeSync(attempt);
    } catch (thrown) {
      if (ran === thrown instanceof CircuitOpenError) throw thrown;
    }
    return ran;
  }

  snapshot(): BreakerSnapshot {
    return JSON.parse(JSON.stringify(snapshot(this.breaker))) as BreakerSnapshot;
  }
}

const KNOWN = ['type', 'at', 'from', 'to', 'state', 'retryAfter', 'override', 'for', 'duration', 'wouldReject'];

/** The part of an event that the reference knows: not names, values and the words of reasons. */
function bare(event: BreakerEvents[keyof BreakerEvents]): ReferenceEvent {
  const known = Object.entries(event).filter(([detail]) => KNOWN.includes(detail));
  return { type: event.type, ...Object.fromEntries(known), ...(event.type === 'failure' && { error: event.error }) };
}

function held(permit: BreakerPermit | undefined): HeldCall | undefined {
  return (
    permit && {
      isProbe: permit.isProbe,
      settle: (outcome, error) => {
        settlePermit(permit, outcome, error);
        // The first answer stands.
        settlePermit(permit, outcome === 'failure' ? 'success' : 'failure', error);
      },
    }
  );
}

function settlePermit(permit: BreakerPermit, outcome: Outcome, error: Error): void {
  if (outcome === 'success') permit.success();
  else if (outcome === 'failure') permit.failure(error);
  else permit.ignore();
}

async function begun(call: (work: Work) => Promise<unknown>): Promise<HeldCall | CircuitOpenError> {
  const work = deferred();
  let running = false;
  const result = call(() => {
    running = true;
    return work.promise;
  });
  if (!running) return rejectionOr(() => result as Promise<never>);
  return {
    settle: async (outcome, error) => {
      if (outcome === 'success') work.resolve();
      else work.reject(thrownFor(outcome, error));
      await result.catch(() => undefined);
    },
  };
}

function thrownFor(outcome: 'failure' | 'ignored', error: Error): Error {
  return outcome === 'failure' ? error : new DOMException('cancelled', 'AbortError');
}

async function rejectionOr<T>(enter: () => T | Promise<T>): Promise<T | CircuitOpenError> {
  try {
    return await enter();
  } catch (error) {
    if (error instanceof CircuitOpenError) return error;
    throw error;
  }
}

function deferred() {
  let resolve!: () => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
