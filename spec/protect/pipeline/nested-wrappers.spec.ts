import { BreakerRegistry, CircuitBreaker, Resilient, Retry } from '../../../lib';
import { TimerClock } from '../../support/timer-clock';

/** Somebody else's decorator, which puts a function of its own in the place of ours. */
const Foreign = (method: (...args: never[]) => unknown, _context: unknown) =>
  function (this: unknown, ...args: never[]): unknown {
    return method.apply(this, args);
  } as never;

/** A method to decorate: it fails twice, then works. */
abstract class Flaky {
  #runs = 0;

  protected async run(): Promise<string> {
    if (++this.#runs < 3) throw new Error('down');
    return 'it';
  }

  abstract load(): Promise<string>;
}

const RETRIES = { baseDelay: 1, jitter: false } as const;

describe('one operation in two wrappers, with a stranger’s between them', () => {
  it.each<[string, (registry: BreakerRegistry) => Flaky, object]>([
    [
      'each attempt once: the breaker inside',
      (registry) =>
        new (class Service extends Flaky {
          @Retry({ ...RETRIES, registry })
          @Foreign
          @CircuitBreaker({ registry })
          override load(): Promise<string> {
            return this.run();
          }
        })(),
      { calls: 3, failures: 2, successes: 1 },
    ],
    [
      'each call once: the breaker outside',
      (registry) =>
        new (class Service extends Flaky {
          @CircuitBreaker({ registry, allow: ['BREAKER_BOX_RETRY_INSIDE_BREAKER'] })
          @Foreign
          @Retry({ ...RETRIES, registry })
          override load(): Promise<string> {
            return this.run();
          }
        })(),
      { calls: 1, failures: 0, successes: 1 },
    ],
    [
      'each call once: the breaker outside, with others',
      (registry) =>
        new (class Service extends Flaky {
          @Resilient({ breaker: {}, timeout: '1m', registry, allow: ['BREAKER_BOX_RETRY_INSIDE_BREAKER'] })
          @Foreign
          @Retry({ ...RETRIES, registry })
          override load(): Promise<string> {
            return this.run();
          }
        })(),
      { calls: 1, failures: 0, successes: 1 },
    ],
    [
      'each attempt of the inner one once: no breaker anywhere',
      (registry) =>
        new (class Service extends Flaky {
          @Retry({ ...RETRIES, registry })
          @Foreign
          @Retry({ ...RETRIES, registry, maxAttempts: 1 })
          override load(): Promise<string> {
            return this.run();
          }
        })(),
      { calls: 3, failures: 2, successes: 1 },
    ],
  ])('counts %s', async (_what, make, counted) => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    await clock.until(make(registry).load().catch(() => 'failed'));
    const { calls, failures, successes } = registry.get('Service.load')!.stats;
    expect({ calls, failures, successes }).toEqual(counted);
  });
});
