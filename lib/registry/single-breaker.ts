import { machineOf, type Breaker } from '../breaker/breaker';
import type { Machine } from '../breaker/machine';
import type { BreakerGroup } from './breaker-group';

/** The one breaker of an operation. */
export class SingleBreaker implements BreakerGroup {
  constructor(readonly breaker: Breaker) {}

  machineFor(): Machine {
    return machineOf(this.breaker);
  }

  peek(): Machine {
    return this.machineFor();
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
