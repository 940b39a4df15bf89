import { BreakerRegistry, withPolicies, type ThrottleEvent, type ThrottleOptions } from '../../lib';
import { Call, invoke } from '../../lib/core/call';
import { SignalCancellation } from '../../lib/core/cancellation';
import { ManualClock } from '../support/manual-clock';

export const refusal = new Error('503');

/** A throttled function whose dependency answers as it is told to, and a source of chance that gives what it is told to. */
export class Testbed {
  readonly clock = new ManualClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly events: ThrottleEvent[] = [];
  readonly fn = jest.fn((arg?: unknown) => this.answer(arg));
  readonly call: (arg?: unknown) => Promise<unknown>;
  /** A chance of 0 rejects whenever that is possible at all, one close to 1 never does. */
  chance = 0.999;
  answer: (arg: unknown) => Promise<unknown> = async () => 'it';

  constructor(options: ThrottleOptions = {}) {
    const throttle = { random: () => this.chance, ...options };
    this.call = withPolicies((arg?: unknown) => this.fn(arg), { name: 'search.find', registry: this.registry, throttle });
    this.registry.on('throttle', (event) => {
      this.events.push(event);
    });
  }

  /** Makes calls one after the other, that end so. */
  async see(count: number, ending: 'accepted' | 'refused' | Error): Promise<this> {
    this.answer = async () => {
      if (ending === 'accepted') return 'it';
      throw ending === 'refused' ? refusal : ending;
    };
    const { chance } = this;
    this.chance = 0.999;
    for (let n = 0; n < count; n++) await this.call().catch(() => undefined);
    this.chance = chance;
    return this;
  }

  /** The probability with which the next call is held back, as its event tells: which costs a request, held back. */
  async probability(): Promise<number> {
    const { chance } = this;
    this.chance = 0;
    const before = this.events.length;
    await this.call().catch(() => undefined);
    this.chance = chance;
    return this.events[before]?.probability ?? 0;
  }

  /** Makes a call inside one that can be aborted. */
  within(signal: AbortSignal): Promise<unknown> {
    return invoke(this.call, new Call('outer', undefined, SignalCancellation.of(signal)), undefined, []) as Promise<unknown>;
  }
}
