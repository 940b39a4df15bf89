import { BreakerRegistry, RateLimit, RateLimitedError, Retry } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

export function limitsMethods(): void {
  const declare = () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    class Orders {
      readonly listed: string[] = [];

      @RateLimit({ limit: 2, interval: '1s', registry })
      async list(page: string): Promise<string> {
        this.listed.push(page);
        return page;
      }

      @RateLimit({ limit: 1, registry, maxWait: '5s' })
      async place(order: string): Promise<string> {
        return order;
      }

      @Retry({ registry, maxAttempts: 3, baseDelay: 1, jitter: false, handle: RateLimitedError })
      @RateLimit({ limit: 1, registry })
      async cancel(order: string): Promise<string> {
        return order;
      }

      @RateLimit(1)
      static async count(): Promise<number> {
        return 0;
      }
    }
    return { clock, Orders };
  };

  it('limits the calls of all instances together', async () => {
    const { Orders } = declare();
    const [one, other] = [new Orders(), new Orders()];
    expect([await one.list('a'), await other.list('b')]).toEqual(['a', 'b']);
    expect(await rejectionOf(one.list('c'))).toMatchObject({ code: 'BREAKER_RATE_LIMITED', operation: 'Orders.list', retryAfter: 500 });
    expect([one.listed, other.listed]).toEqual([['a'], ['b']]);
  });

  it('lets callers wait', async () => {
    const { clock, Orders } = declare();
    const orders = new Orders();
    expect(await clock.until(Promise.all([orders.place('a'), orders.place('b')]))).toEqual(['a', 'b']);
    expect(clock.now()).toBe(1000);
  });

  it('stacks: a retry around it that is told to comes back when there is a token', async () => {
    const { clock, Orders } = declare();
    const orders = new Orders();
    expect(await clock.until(Promise.all([orders.cancel('a'), orders.cancel('b')]))).toEqual(['a', 'b']);
    expect(clock.delays).toEqual([1000]);
  });

  it('takes a number for a limit per second, on a static method too', async () => {
    const { Orders } = declare();
    expect(await Orders.count()).toBe(0);
    expect(await rejectionOf(Orders.count())).toBeInstanceOf(RateLimitedError);
  });
}
