import { Bulkhead, BreakerRegistry, BulkheadFullError, Retry } from '../../../lib';
import { pending, rejectionOf } from '../../composition/support/flaky';
import { reactions, TimerClock } from '../../support/timer-clock';

export function boundsDecoratedMethods(): void {
  it('bounds the calls of a method, all instances together', async () => {
    const registry = new BreakerRegistry();
    const fn = pending();
    class Users {
      constructor(readonly region: string) {}

      @Bulkhead({ maxConcurrent: 1, registry })
      async fetch(id: string): Promise<unknown> {
        return fn(this.region, id);
      }

      @Bulkhead(1)
      async list(): Promise<unknown> {
        return fn(this.region, 'list');
      }
    }
    void new Users('eu').fetch('a');
    const error = await rejectionOf(new Users('us').fetch('b'));
    expect(error).toBeInstanceOf(BulkheadFullError);
    expect(error).toMatchObject({ operation: 'Users.fetch' });
    void new Users('us').list();
    expect(await rejectionOf(new Users('eu').list())).toMatchObject({ operation: 'Users.list' });
    expect(fn.mock.calls).toEqual([['eu', 'a'], ['us', 'list']]);
  });

  it('is a layer where it stands: under a retry, each attempt takes a slot, and waits for it', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const fn = pending();
    class Users {
      @Retry({ maxAttempts: 2, baseDelay: 10, jitter: false })
      @Bulkhead({ maxConcurrent: 1, maxQueue: 1, registry })
      async fetch(id: string): Promise<unknown> {
        return fn(id);
      }
    }
    const users = new Users();
    const [first, second] = [users.fetch('a'), users.fetch('b')];
    fn.calls[0]!.reject(new Error('down'));
    await reactions();
    fn.calls[1]!.resolve('B');
    expect(await second).toBe('B');
    await clock.advance(10);
    fn.calls[2]!.resolve('A');
    expect(await first).toBe('A');
    expect(fn.mock.calls).toEqual([['a'], ['b'], ['a']]);
    expect(clock.armed).toBe(0);
  });
}
