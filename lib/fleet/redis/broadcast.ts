import { callSafely, ignoreRejection, nothing } from '../../core/call-safely';
import type { Clock } from '../../core/clock';
import { asText } from '../../core/safe-inspect';
import { warnOnce } from '../../core/warn';
import type { Subscription } from './redis-like';

type Listener = (message: string) => void;
type Subscribe = (listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void) => Subscription;

/** Between two looks at the connection that subscribes. */
const CHECK_MS = 5000;

/** No message of a store is longer. Of others not a byte is looked at: they are handed on empty, to be counted. */
const LONGEST = 1024;

/**
 * What is told on a channel, for all who listen in this process: one connection, made for the first, ended with the last. One that is lost, or does not
 * answer while the server answers others, is made again when the server is known to answer: no timer is needed, since whoever shares breakers asks all the time.
 */
export class Broadcast {
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #subscription: Subscription | undefined;
  /** How the subscription of now tells that it is lost: what those before it say is ignored. */
  #lost: ((reason?: unknown) => void) | undefined;
  /** Whether the connection owes an answer to a ping. */
  #isSilent = false;
  #checkedAtMs = -Infinity;

  constructor(
    private readonly subscribe: Subscribe,
    private readonly clock: Clock,
  ) {}

  add(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    if (this.#lost === undefined) this.#subscribe();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#unsubscribe();
    };
  }

  /** The server has answered a command. */
  answered(): void {
    const nowMs = this.clock.now();
    if (this.#listeners.size === 0 || nowMs - this.#checkedAtMs < CHECK_MS) return;
    this.#checkedAtMs = nowMs;
    if (this.#isSilent) this.#unsubscribe();
    if (this.#lost === undefined) this.#subscribe();
    else this.#ping();
  }

  #subscribe(): void {
    const lost = (reason?: unknown): void => {
      if (this.#lost !== lost) return;
      this.#unsubscribe();
      if (reason !== undefined) this.#warn(reason);
    };
    this.#lost = lost;
    this.#isSilent = false;
    try {
      const subscription = this.subscribe((message) => this.#tell(message), lost);
      if (this.#lost === lost) this.#subscription = subscription;
      else endOf(subscription);
    } catch (thrown) {
      lost(thrown);
    }
  }

  #unsubscribe(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    this.#lost = undefined;
    if (subscription !== undefined) endOf(subscription);
  }

  #ping(): void {
    const lost = this.#lost;
    const ping = this.#subscription?.ping?.();
    if (ping === undefined) return;
    this.#isSilent = true;
    // One that failed stays silent.
    ping.then(() => {
      if (this.#lost === lost) this.#isSilent = false;
    }, nothing);
  }

  #tell(message: string | Uint8Array): void {
    const text = message.length > LONGEST ? '' : typeof message === 'string' ? message : String.fromCharCode(...message);
    for (const { listener } of this.#listeners) void callSafely('A subscriber of a shared store', listener, text);
  }

  #warn(reason: unknown): void {
    const message = 'redisStore could not subscribe; it tries again, and meanwhile this process learns of what others do when it polls';
    warnOnce(this, 'BREAKER_BOX_BROADCAST', message, asText(reason));
  }
}

/** The connection may never have been there, or have gone: what its end throws is nobody's concern. */
function endOf(subscription: Subscription): void {
  try {
    ignoreRejection(subscription.end());
  } catch {
    // It was not open.
  }
}
