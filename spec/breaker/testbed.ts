import { Breaker, CircuitOpenError, type BreakerEvents, type BreakerOptions } from '../../lib';
import { ManualClock } from '../support/manual-clock';

/** The error of a dependency that is down. */
export class Outage extends Error {}

/** The open time of breakers under test, unless a spec names another. */
export const RECOVERY = 1000;

/** A breaker whose time moves only when told to, with words for what happens to it. */
export class Testbed {
  readonly clock = new ManualClock();
  readonly breaker: Breaker;
  /** How often a protected function ran. */
  runs = 0;

  constructor(options: BreakerOptions = {}) {
    this.breaker = new Breaker({ clock: this.clock, recoveryTimeout: RECOVERY, ...options });
  }

  /** Calls that work. @returns The last one's value. */
  succeed(times = 1): string {
    let value = '';
    for (let call = 0; call < times; call++) value = this.run(() => 'answer');
    return value;
  }

  /** Calls that fail; a rejection by the breaker is no failure, and is thrown. */
  fail(times = 1, error: Error = new Outage('down')): void {
    for (let call = 0; call < times; call++) this.run(() => error);
  }

  /** Calls that their function cancels. */
  cancel(times = 1): void {
    this.fail(times, new DOMException('cancelled', 'AbortError'));
  }

  /** A call that must be rejected. */
  rejection(): CircuitOpenError {
    const { runs } = this;
    try {
      this.succeed();
    } catch (error) {
      if (error instanceof CircuitOpenError && this.runs === runs) return error;
      throw error;
    }
    throw new Error('the call was admitted');
  }

  /** Trips the breaker by as many failures as it takes. */
  open(): this {
    while (this.breaker.state === 'closed') this.fail();
    return this;
  }

  halfOpen(): this {
    this.open();
    this.clock.advance(RECOVERY);
    return this;
  }

  /** All events of some types, as they come. */
  listen<E extends keyof BreakerEvents>(...types: E[]): BreakerEvents[E][] {
    const heard: BreakerEvents[E][] = [];
    for (const type of types) this.breaker.on(type, (event) => heard.push(event));
    return heard;
  }

  /** The transitions, as `from > to: reason`. */
  transitions(): string[] {
    const heard: string[] = [];
    this.breaker.on('transition', ({ from, to, reason }) => heard.push(`${from} > ${to}: ${reason}`));
    return heard;
  }

  private run(result: () => string | Error): string {
    try {
      return this.breaker.executeSync(() => {
        this.runs++;
        const given = result();
        if (typeof given !== 'string') throw given;
        return given;
      });
    } catch (error) {
      if (error instanceof CircuitOpenError) throw error;
      return '';
    }
  }
}

/** Lets all promise reactions run that can. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
