import { ignoreRejection } from '../../core/call-safely';
import type { Clock } from '../../core/clock';
import { asText } from '../../core/safe-inspect';
import { warnOnce } from '../../core/warn';
import { LONGEST_MESSAGE } from '../store';
import { Subscribers } from '../subscribers';

/** @returns What ends it. */
type Subscribe = (listener: (message: string | Uint8Array) => void, lost: (reason?: unknown) => void) => () => unknown;

/** Between two looks at the connection that subscribes. */
const CHECK_MS = 5000;

/** A subscription that has heard nothing for so many checks, and not what was published for it to hear, is dead. */
const MOST_UNHEARD = 2;

/** Bytes that are no UTF-8 become U+FFFD. */
const utf8 = /* @__PURE__ */ new TextDecoder();

/** Published for subscribers to hear that they still hear. */
const PROBE = 'probe';

/**
 * The subscription to a channel, for all listeners of this process: one connection, made for the first, ended with the last. One that is lost, or hears
 * nothing while the server answers commands, is made again after an answer: no timer is needed, since a process with breakers in use sends commands all the time.
 */
export class Broadcast {
  readonly #subscribers = new Subscribers();
  /** Ends the subscription of now. */
  #end: (() => unknown) | undefined;
  /** How the subscription of now tells that it is lost: what those before it say is ignored. */
  #lost: ((reason?: unknown) => void) | undefined;
  /** Checks since something was heard, the first of them not counted. */
  #unheard = 0;
  #checkedAtMs = -Infinity;

  /** @param publish - Tells all subscribers a message. One probe serves all that hear it, in all processes. */
  constructor(
    private readonly subscribe: Subscribe,
    private readonly publish: (message: string) => unknown,
    private readonly clock: Clock,
  ) {}

  add(listener: (message: string) => void): () => void {
    const end = this.#subscribers.add(listener);
    if (this.#lost === undefined) this.#subscribe();
    return () => {
      end();
      if (this.#subscribers.count === 0) this.#unsubscribe();
    };
  }

  /** The server has answered a command. */
  answered(): void {
    const nowMs = this.clock.now();
    if (this.#subscribers.count === 0 || nowMs - this.#checkedAtMs < CHECK_MS) return;
    this.#checkedAtMs = nowMs;
    if (++this.#unheard > MOST_UNHEARD) this.#unsubscribe();
    if (this.#lost === undefined) this.#subscribe();
    else if (this.#unheard > 0) quietly(() => this.publish(PROBE));
  }

  #subscribe(): void {
    const lost = (reason?: unknown): void => {
      if (this.#lost !== lost) return;
      this.#unsubscribe();
      if (reason !== undefined) this.#warn(reason);
    };
    this.#lost = lost;
    this.#unheard = 0;
    try {
      const end = this.subscribe((message) => this.#tell(message), lost);
      if (this.#lost === lost) this.#end = end;
      else quietly(end);
    } catch (thrown) {
      lost(thrown);
    }
  }

  #unsubscribe(): void {
    const end = this.#end;
    this.#end = undefined;
    this.#lost = undefined;
    // The connection may never have been there, or have gone.
    if (end !== undefined) quietly(end);
  }

  #tell(message: string | Uint8Array): void {
    this.#unheard = -1;
    // Nothing of a message that is too long is decoded: it is handed on empty, to be counted.
    const text = message.length > LONGEST_MESSAGE ? '' : typeof message === 'string' ? message : utf8.decode(message);
    if (text !== PROBE) this.#subscribers.tell(text);
  }

  #warn(reason: unknown): void {
    const message = 'redisStore could not subscribe; it tries again, and meanwhile this process learns of what others do when it polls';
    warnOnce(this, 'BREAKER_BOX_BROADCAST', message, asText(reason));
  }
}

/** Runs a function whose failure changes nothing. */
function quietly(fn: () => unknown): void {
  try {
    ignoreRejection(fn());
  } catch {
    // The subscription is over either way.
  }
}
