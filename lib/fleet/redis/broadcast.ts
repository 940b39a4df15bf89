import { nothing, callSafely } from '../../core/call-safely';
import type { Clock } from '../../core/clock';
import { asText } from '../../core/safe-inspect';
import { warnOnce } from '../../core/warn';
import type { Subscription } from './redis-like';

type Listener = (message: string) => void;
type Subscribe = (listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void) => Subscription;

/** Between two looks at the connection that subscribes. */
const CHECK_MS = 5000;

/** As much of a message is handed on as shows that it is too long to be one. */
const MOST_OF_A_MESSAGE = 1025;

/**
 * What is told on a channel, for all who listen in this process: one connection, made for the first, ended with the last. One that is lost, or does not
 * answer while the server answers others, is made again when the server is known to answer: no timer is needed, since whoever shares breakers asks all the time.
 */
export class Broadcast {
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #subscription: Subscription | undefined;
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
    if (this.#subscription === undefined) this.#subscribe();
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
    if (this.#subscription === undefined) this.#subscribe();
    else this.#ping(this.#subscription);
  }

  #subscribe(): void {
    let isLost = false;
    const lost = (reason?: unknown): void => {
      if (isLost) return;
      isLost = true;
      if (this.#subscription === subscription) this.#subscription = undefined;
      if (reason !== undefined) this.#warn(reason);
    };
    let subscription: Subscription | undefined;
    try {
      subscription = this.subscribe((message) => this.#tell(message), lost);
    } catch (thrown) {
      lost(thrown);
    }
    this.#isSilent = false;
    if (!isLost) this.#subscription = subscription;
  }

  #unsubscribe(): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription !== undefined) void callSafely('The end of a subscription', () => subscription.end());
  }

  #ping(subscription: Subscription): void {
    if (subscription.ping === undefined) return;
    this.#isSilent = true;
    // One that failed stays silent.
    subscription.ping().then(() => {
      if (this.#subscription === subscription) this.#isSilent = false;
    }, nothing);
  }

  #tell(message: string | Uint8Array): void {
    const text = typeof message === 'string' ? message : String.fromCharCode(...message.subarray(0, MOST_OF_A_MESSAGE));
    for (const { listener } of this.#listeners) void callSafely('A subscriber of a shared store', listener, text);
  }

  #warn(reason: unknown): void {
    const message = 'redisStore could not subscribe; it tries again, and meanwhile this process learns of what others do when it polls';
    warnOnce(this, 'BREAKER_BOX_BROADCAST', message, asText(reason));
  }
}
