import type { Content, Source } from './content';
import type { Fault } from './fault';
import { always, never, type Schedule } from './schedule';

/** One route of the flaky server: what it serves, how it misbehaves at present, and how often it was asked. */
export class Route {
  /** Requests that reached the server: the calls an open circuit spares do not show here. */
  hits = 0;
  /** Epoch milliseconds of the latest request. */
  lastHitAt = 0;

  #schedule = never;
  #setAt = performance.now();
  #callsSince = 0;

  constructor(private readonly source: Source) {}

  misbehave(how: Fault | Schedule): void {
    this.#schedule = typeof how === 'function' ? how : always(how);
    this.#setAt = performance.now();
    this.#callsSince = 0;
  }

  recover(): void {
    this.misbehave(never);
  }

  /** Counts a request and says which fault it meets. */
  arrive(): Fault | undefined {
    this.hits += 1;
    this.lastHitAt = Date.now();
    this.#callsSince += 1;
    return this.#schedule({ call: this.#callsSince, elapsedMs: performance.now() - this.#setAt });
  }

  content(name: string): Content | undefined {
    return this.source(name);
  }
}
