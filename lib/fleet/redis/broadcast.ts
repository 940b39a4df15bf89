import { callSafely } from '../../core/call-safely';
import { asText } from '../../core/safe-inspect';
import { warnOnce } from '../../core/warn';
import type { RedisLike } from './redis-like';

type Listener = (change: unknown) => void;

/** Between two tries to subscribe. */
const RETRY_MS = 5000;

/**
 * What is told on a channel, for all who listen in this process: one connection, made for the first, ended with the last. One that
 * is lost is made again when the server is known to answer: no timer is needed, since whoever shares breakers asks all the time.
 */
export class Broadcast {
  readonly #listeners = new Set<{ readonly listener: Listener }>();
  #end: (() => void) | undefined;
  /** By the server's clock. Before the first answer: never. */
  #triedAtMs = -Infinity;

  constructor(
    private readonly redis: RedisLike,
    private readonly channel: string,
  ) {}

  add(listener: Listener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    if (this.#end === undefined) this.#subscribe();
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size === 0) this.#unsubscribe();
    };
  }

  /** The server has answered a command, at `nowMs` by its clock. */
  answered(nowMs: number): void {
    if (this.#listeners.size === 0 || this.#end !== undefined || nowMs - this.#triedAtMs < RETRY_MS) return;
    this.#triedAtMs = nowMs;
    this.#subscribe();
  }

  #subscribe(): void {
    let isLost = false;
    const lost = (reason?: unknown): void => {
      if (isLost) return;
      isLost = true;
      if (this.#end === end) this.#end = undefined;
      if (reason !== undefined) this.#warn(reason);
    };
    let end = (): void => undefined;
    try {
      end = this.redis.subscribe(this.channel, (message) => this.#tell(message), lost);
    } catch (thrown) {
      lost(thrown);
    }
    if (!isLost) this.#end = end;
  }

  #unsubscribe(): void {
    const end = this.#end;
    this.#end = undefined;
    if (end !== undefined) void callSafely('The end of a subscription', end);
  }

  #tell(message: string): void {
    const change = parsed(message);
    for (const { listener } of this.#listeners) void callSafely('A subscriber of a shared store', listener, change);
  }

  #warn(reason: unknown): void {
    const message = `redisStore could not subscribe to ${this.channel}; it tries again, and meanwhile this process learns of what others do when it polls`;
    warnOnce(this, 'BREAKER_BOX_BROADCAST', message, asText(reason));
  }
}

/** Anybody may publish anything: what is no JSON is passed on as it is. */
function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}
