import 'reflect-metadata';
import { breakerOf, BreakerRegistry, retryBudget, withBreaker, withBreakerSync, withPolicies, withRetry } from '../../../lib';
import { fails, rejectionOf, scripted } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

type Fn = (this: unknown, ...args: unknown[]) => Promise<unknown>;

const registry = new BreakerRegistry();
const wrappers: [string, (fn: Fn) => Fn][] = [
  ['withBreaker', (fn) => withBreaker(fn, { registry })],
  ['withBreaker, listened to', (fn) => {
    const watched = new BreakerRegistry();
    watched.on('call', () => undefined);
    return withBreaker(fn, { registry: watched });
  }],
  ['withBreaker, keyed', (fn) => withBreaker(fn, { key: () => 'a', registry })],
  ['withBreaker, for each instance', (fn) => withBreaker(fn, { scope: 'instance', registry })],
  ['withRetry', (fn) => withRetry(fn, { registry })],
  ['withRetry, with a time-out', (fn) => withRetry(fn, { attemptTimeout: '1h', maxElapsed: '1h', budget: retryBudget(), registry })],
  ['withPolicies', (fn) => withPolicies(fn, { retry: {}, breaker: {}, registry })],
  ['withRetry of withBreaker', (fn) => withRetry(withBreaker(fn, { registry }))],
  ['withBreakerSync', (fn) => withBreakerSync(fn as never, { registry }) as never],
];

/** A value that is there at once: all wrappers take it, and the synchronous one takes no promise. */
const given = <T>(value?: T): Promise<T> => value as never;

describe.each(wrappers)('rule 27: %s', (_name, wrap) => {
  it('forwards the receiver and the arguments untouched, and appends none', async () => {
    const seen: unknown[] = [];
    const receiver = {
      method: wrap(function (this: unknown, ...args) {
        seen.push(this, args);
        return given();
      }),
    };
    const args = [{ id: 1 }, undefined, null, Symbol.iterator];
    await receiver.method(...args);
    await receiver.method();
    expect(seen).toEqual([receiver, args, receiver, []]);
    expect((seen[1] as unknown[])[0]).toBe(args[0]);
  });

  it('works when detached: the receiver is undefined', async () => {
    const seen: unknown[] = [];
    const { method } = {
      method: wrap(function (this: unknown) {
        seen.push(this);
        return given();
      }),
    };
    await method();
    await method.call('text');
    expect(seen).toEqual([undefined, 'text']);
  });

  it('keeps name, length, own properties and symbols', () => {
    const mark = Symbol('mark');
    const fn = Object.assign(function fetchUser(_id: unknown, _fresh: unknown) { return given(); }, { route: '/users', [mark]: 7 });
    Object.defineProperty(fn, 'hidden', { value: 'yes', enumerable: false });
    const wrapped = wrap(fn) as unknown as typeof fn & { hidden: string };
    expect([wrapped.name, wrapped.length, wrapped.route, wrapped[mark], wrapped.hidden]).toEqual(['fetchUser', 2, '/users', 7, 'yes']);
    expect(Object.keys(wrapped)).toEqual(['route']);
  });

  it('keeps metadata', () => {
    const fn = () => given();
    Reflect.defineMetadata('roles', ['admin'], fn);
    expect(Reflect.getOwnMetadata('roles', wrap(fn))).toEqual(['admin']);
  });

  it('leaves the function itself as it was', async () => {
    const fn = function fetchUser() {
      return given('it');
    };
    const before = Reflect.ownKeys(fn);
    wrap(fn);
    expect(Reflect.ownKeys(fn)).toEqual(before);
    expect(await fn()).toBe('it');
  });

  it('takes a frozen function', async () => {
    const fn = Object.freeze(Object.assign(() => given('it'), { route: '/users' }));
    const wrapped = wrap(fn) as unknown as typeof fn;
    expect([await wrapped(), wrapped.route]).toEqual(['it', '/users']);
  });

  it('takes a bound function, and one with properties of our names', async () => {
    const bound = function (this: { value: string }) {
      return given(this.value);
    }.bind({ value: 'it' });
    expect(await wrap(bound)()).toBe('it');
    const busy = Object.assign(() => given('it'), { operation: 'mine', breaker: 7 });
    const wrapped = wrap(busy) as unknown as { operation: string };
    expect(wrapped.operation).not.toBe('mine');
    expect(busy.operation).toBe('mine');
  });
});

describe.each(wrappers.slice(0, -1))('rule 28: %s', (_name, wrap) => {
  it('rejects, and never throws synchronously', async () => {
    const throwing = wrap(() => {
      throw new DOMException('cancelled', 'AbortError');
    });
    let call: Promise<unknown> | undefined;
    expect(() => {
      call = throwing();
    }).not.toThrow();
    expect(call).toBeInstanceOf(Promise);
    expect(await rejectionOf(call!)).toMatchObject({ name: 'AbortError' });
  });

  it('gives a promise also of a plain value and of a thenable', async () => {
    const plain = wrap((() => 7) as never);
    expect(plain()).toBeInstanceOf(Promise);
    expect(await plain()).toBe(7);
    const thenable = wrap((() => ({ then: (resolve: (value: number) => void) => { resolve(8); } })) as never);
    expect(await thenable()).toBe(8);
  });
});

describe('rule 28: a rejection by a policy', () => {
  it('is a rejected promise, with an error of its own for each call', async () => {
    const wrapped = withBreaker(async () => 'it', { registry });
    wrapped.breaker!.trip();
    const calls = [wrapped(), wrapped()];
    const [one, other] = await Promise.all(calls.map(rejectionOf));
    expect([one, other]).toEqual([expect.objectContaining({ code: 'BREAKER_OPEN' }), expect.objectContaining({ code: 'BREAKER_OPEN' })]);
    expect(one).not.toBe(other);
  });

  it('is one also when the call cannot be bound: a name that another site took meanwhile', async () => {
    const box = new BreakerRegistry();
    const wrapped = withBreaker(async () => 'it', { name: 'users.fetch', failureThreshold: 2, registry: box });
    box.delete('users.fetch');
    breakerOf('users.fetch', { failureThreshold: 3 }, box);
    withBreaker(async () => 'it', { name: 'users.fetch', failureThreshold: 3, registry: box });
    let call: Promise<unknown> | undefined;
    expect(() => {
      call = wrapped();
    }).not.toThrow();
    expect(await rejectionOf(call!)).toMatchObject({ code: 'BREAKER_CONFLICT' });
  });
});

describe('rule 4: a synchronous throw', () => {
  it('counts as a rejection does', async () => {
    const wrapped = withBreaker((): Promise<void> => {
      throw new Error('sync');
    }, { failureThreshold: 1, registry });
    await rejectionOf(wrapped());
    expect(wrapped.breaker!.state).toBe('open');
  });
});

describe('wrapped functions', () => {
  it('can be frozen, and wrapped again', async () => {
    const inner = Object.freeze(withBreaker(async () => 'it', { name: 'users.frozen', registry }));
    const outer = Object.freeze(withRetry(inner));
    expect([await outer(), outer.operation, inner.operation]).toEqual(['it', 'users.frozen', 'users.frozen']);
    expect(outer.pipeline.map(({ policy }) => policy)).toEqual(['retry', 'breaker']);
  });

  it('can be read: operation, breaker, breakers and pipeline, which are not enumerable', () => {
    const wrapped = withBreaker(async () => 'it', { name: 'users.read', registry });
    expect([wrapped.operation, wrapped.breaker!.name, wrapped.breakers.size]).toEqual(['users.read', 'users.read', 0]);
    expect(wrapped.pipeline.map(({ policy }) => policy)).toEqual(['breaker']);
    expect(Object.keys(wrapped)).toEqual([]);
  });

  it('share nothing through an options object that two of them were given', async () => {
    const clock = new TimerClock();
    const options = Object.freeze({ failureThreshold: 1, clock, registry: new BreakerRegistry() });
    const [one, other] = [withBreaker(scripted(fails()), options), withBreaker(scripted(fails()), options)];
    await rejectionOf(one());
    expect([one.breaker!.state, other.breaker!.state]).toEqual(['open', 'closed']);
  });
});
