import { Breaker, BreakerRegistry, ConfigurationError, withBreaker, withBreakerSync, withRetry } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';

const subscribe = (): void => undefined;

/** As much of an Observable as there is to see. */
const observable = (): Promise<unknown> => ({ subscribe }) as never;

describe('rule 54: a function whose outcome nobody would see', () => {
  it.each([['a breaker', withBreaker], ['a retry', withRetry]])('that returns an Observable is refused under %s at its first call, and told the way out', async (_which, protect) => {
    const fn = jest.fn(observable);
    const call = (protect as typeof withBreaker)(fn, { name: 'events', registry: new BreakerRegistry() });
    const error = await rejectionOf(call());
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/^events: fn: must return a promise, for an Observable runs only when it is subscribed to: return firstValueFrom/);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a promise with a subscribe of its own', () => Object.assign(Promise.resolve('it'), { subscribe })],
    ['a thenable with one', () => ({ then: (resolve: (value: string) => void) => { resolve('it'); }, subscribe })],
    ['a promise of a client that has one', async () => Object.assign(Object('it') as object, { subscribe })],
    ['a plain value', () => 'it'],
  ])('that returns %s is not meant', async (_what, fn) => {
    const call = withBreaker(fn as () => Promise<unknown>, { registry: new BreakerRegistry() });
    expect(String(await call())).toBe('it');
  });

  it('that returns a promise under withBreakerSync is refused, counts no success, and leaves no rejection behind', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const call = withBreakerSync((() => Promise.reject(new Error('down'))) as () => never, { name: 'read', registry: new BreakerRegistry() });
    expect(call).toThrow(ConfigurationError);
    expect(call).toThrow('read: fn: must be synchronous, for nobody sees how its promise ends: use withBreaker in place of withBreakerSync');
    expect(call.breaker!.stats).toMatchObject({ successes: 0 });
    await reactions();
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('that returns a promise, or an Observable, to executeSync is refused', () => {
    const breaker = new Breaker({ name: 'b' });
    expect(() => breaker.executeSync((async () => 'it') as never)).toThrow(/must be synchronous/);
    expect(() => breaker.executeSync(observable as never)).toThrow(/must return a promise/);
    expect(breaker.executeSync(() => 'it')).toBe('it');
  });
});
