import { getPolicies, Retry, Timeout } from '../../../lib';
import { pending, rejectionOf } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

export function limitsMethods(): void {
  it('limits each call of a method', async () => {
    const clock = new TimerClock();
    const fn = pending();
    class Users {
      @Timeout({ duration: '1s', clock })
      async fetch(): Promise<unknown> {
        return fn();
      }
    }
    const error = await rejectionOf(clock.until(new Users().fetch()));
    expect(error).toMatchObject({ operation: 'Users.fetch', timeout: 1000 });
    expect(getPolicies(Users.prototype, 'fetch').map(({ policy }) => policy)).toEqual(['timeout']);
  });

  it('under a retry limits each attempt', async () => {
    const clock = new TimerClock();
    const fn = pending();
    class Users {
      @Retry({ maxAttempts: 2, baseDelay: 50, jitter: false, clock })
      @Timeout({ duration: '1s', clock })
      async fetch(): Promise<unknown> {
        return fn();
      }
    }
    expect(await rejectionOf(clock.until(new Users().fetch()))).toMatchObject({ timeout: 1000 });
    expect([fn.mock.calls.length, clock.now(), clock.armed]).toEqual([2, 2050, 0]);
  });

  it('has no default', () => {
    expect(() => {
      class Users {
        // @ts-expect-error: the compiler says so too
        @Timeout
        async fetch(): Promise<void> {}
      }
      return Users;
    }).toThrow(/@Timeout on .*fetch: has no default/);
  });
}
