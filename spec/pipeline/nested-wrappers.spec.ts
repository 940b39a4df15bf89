import { BreakerRegistry, CircuitBreaker, hedge, retry, Retry, withBreaker, withBreakerSync, withPolicies, type CallEvent, type Policy } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';
import { TimerClock } from '../support/timer-clock';

/** Somebody else's decorator, which puts a function of its own in the place of ours. */
const Foreign = (method: (...args: never[]) => unknown, _context: unknown) =>
  function (this: unknown, ...args: never[]): unknown {
    return method.apply(this, args);
  } as never;

describe('one operation in two wrappers, with a stranger’s between them', () => {
  /** A method that fails twice, then works. @returns What its breaker counted. */
  async function countedBy(decorate: (registry: BreakerRegistry) => { load(): Promise<string> }): Promise<object> {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const service = decorate(registry);
    const { clock } = registry.injected as { clock: TimerClock };
    await clock.until(service.load().catch(() => 'failed'));
    const { calls, failures, successes } = registry.get('Service.load')!.stats;
    return { calls, failures, successes };
  }
  const flaky = (): (() => Promise<string>) => {
    let runs = 0;
    return async () => {
      if (++runs < 3) throw new Error('down');
      return 'it';
    };
  };
  const options = { baseDelay: 1, jitter: false } as const;

  it('counts each attempt once: the breaker inside', async () => {
    expect(
      await countedBy((registry) => {
        class Service {
          readonly run = flaky();
          @Retry({ ...options, registry })
          @Foreign
          @CircuitBreaker({ registry })
          load(): Promise<string> {
            return this.run();
          }
        }
        return new Service();
      }),
    ).toEqual({ calls: 3, failures: 2, successes: 1 });
  });

  it('counts each call once: the breaker outside', async () => {
    expect(
      await countedBy((registry) => {
        class Service {
          readonly run = flaky();
          @CircuitBreaker({ registry, allow: ['BREAKER_BOX_RETRY_INSIDE_BREAKER'] as never })
          @Foreign
          @Retry({ ...options, registry })
          load(): Promise<string> {
            return this.run();
          }
        }
        return new Service();
      }),
    ).toEqual({ calls: 1, failures: 0, successes: 1 });
  });

  it('counts each attempt of the inner one once: no breaker anywhere', async () => {
    expect(
      await countedBy((registry) => {
        class Service {
          readonly run = flaky();
          @Retry({ ...options, registry })
          @Foreign
          @Retry({ ...options, registry, maxAttempts: 1 })
          load(): Promise<string> {
            return this.run();
          }
        }
        return new Service();
      }),
    ).toEqual({ calls: 3, failures: 2, successes: 1 });
  });
});

describe('the event of a call', () => {
  it('has how long it took, and of its breaker only what that had to do with it', async () => {
    const clock = new ManualClock({ now: 5000 });
    const registry = new BreakerRegistry({ clock });
    const calls: CallEvent[] = [];
    registry.on('call', (event) => calls.push(event));
    const load = withBreaker(async () => { clock.advance(70); }, { registry, name: 'load' });
    const parse = withBreakerSync(() => { clock.advance(7); }, { registry, name: 'parse' });
    await load();
    parse();
    parse.breaker!.disable();
    parse();
    load.breaker!.trip();
    const error = await rejectionOf(load());

    const about = { type: 'call', at: expect.any(Number), callId: expect.any(Number) };
    expect(calls).toStrictEqual([
      { ...about, operation: 'load', duration: 70, outcome: 'success', counted: 'success', state: 'closed' },
      { ...about, operation: 'parse', duration: 7, outcome: 'success', counted: 'success', state: 'closed' },
      { ...about, operation: 'parse', duration: 7, outcome: 'success' },
      { ...about, operation: 'load', duration: 0, outcome: 'rejected', error, state: 'open' },
    ]);
  });
});

describe('what is checked as a pipeline is made', () => {
  it('passes on what an option throws that is read', () => {
    const mine = new Error('mine');
    const options = { get maxAttempts(): number { throw mine; } };
    expect(() => withPolicies(async () => 'it', [retry(options)])).toThrow(mine);
  });

  it.each<[string, () => Policy[]]>([
    ['alone', () => [hedge('1s')]],
    ['within a retry', () => [retry(), hedge('1s')]],
  ])('warns of a hedge that may not be repeated, %s', async (_where, policies) => {
    const warnings: string[] = [];
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation((_text, about) => { warnings.push((about as { code: string }).code); });
    withPolicies(async () => 'it', policies() as never);
    await Promise.resolve();
    emit.mockRestore();
    expect(warnings).toContain('BREAKER_BOX_HEDGE_NOT_IDEMPOTENT');
  });

  it('names all that contradicts: two breakers among it', () => {
    const registry = new BreakerRegistry();
    const twice = () => withBreaker(withBreaker(async () => 'it', { registry, name: 'a' }), { registry });
    expect(twice).toThrow(expect.objectContaining({ message: expect.stringContaining('breaker: an operation has one breaker; received 2') }));
  });
});
