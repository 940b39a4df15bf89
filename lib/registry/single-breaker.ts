import type { Breaker } from '../breaker/breaker';
import { Breakers, type BreakerGroup } from './breaker-group';

/** The one breaker of an operation. */
export class SingleBreaker extends Breakers implements BreakerGroup {
  constructor(readonly single: Breaker) {
    super();
  }

  breakerFor(): Breaker {
    return this.single;
  }

  peek(): Breaker {
    return this.single;
  }

  *[Symbol.iterator](): Iterator<Breaker> {
    yield this.single;
  }

  *saved(): Iterable<Breaker> {
    yield this.single;
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
