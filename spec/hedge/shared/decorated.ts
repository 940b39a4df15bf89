import { BreakerRegistry, getPolicies, Hedge } from '../../../lib';
import { pending } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

export function hedgesMethods(): void {
  it('runs a method again that takes long, with the same receiver and arguments; the first to work wins', async () => {
    const clock = new TimerClock();
    const fn = pending();
    class Users {
      constructor(readonly region: string) {}

      @Hedge({ delay: '100ms', idempotent: true, registry: new BreakerRegistry({ clock }) })
      async fetch(id: string): Promise<unknown> {
        return fn(this.region, id);
      }
    }
    const result = new Users('eu').fetch('a');
    await clock.advance(100);
    fn.calls[1]!.resolve('second');
    expect(await result).toBe('second');
    expect(fn.mock.calls).toEqual([['eu', 'a'], ['eu', 'a']]);
    expect(clock.armed).toBe(0);
  });

  it('takes the delay, or options', () => {
    class Service {
      @Hedge('100ms')
      async load(): Promise<void> {}

      @Hedge({ delay: { quantile: 0.99 }, maxHedges: 2, idempotent: true })
      async list(): Promise<void> {}
    }
    expect(getPolicies(Service.prototype, 'load')).toMatchObject([{ policy: 'hedge', options: { delay: 100 } }]);
    expect(getPolicies(Service.prototype, 'list')).toMatchObject([{ policy: 'hedge', options: { delay: { quantile: 0.99, minSamples: 20 }, maxHedges: 2 } }]);
  });

  it('has no default: bare, it is refused', () => {
    const declare = (): unknown => {
      class Service {
        // @ts-expect-error it must be called
        @Hedge
        async load(): Promise<void> {}
      }
      return Service;
    };
    expect(declare).toThrow(/must be called with its options/);
  });
}
