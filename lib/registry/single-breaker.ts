import type { Breaker } from '../breaker/breaker';
import { Breakers, type BreakerGroup } from './breaker-group';

/** The one breaker of an operation. */
export class SingleBreaker extends Breakers implements BreakerGroup {
  constructor(readonly breaker: Breaker) {
    super();
  }

  breakerFor(): Breaker {
    return this.breaker;
  }

  peek(): Breaker {
    return this.breaker;
  }

  *[Symbol.iterator](): Iterator<Breaker> {
    yield this.breaker;
  }

  *saved(): Iterable<Breaker> {
    yield this.breaker;
  }

  get(): undefined {
    return undefined;
  }

  asMap(): ReadonlyMap<string, Breaker> {
    return new Map();
  }

  reconfigured(): void {
    // It makes no more breakers.
  }
}
