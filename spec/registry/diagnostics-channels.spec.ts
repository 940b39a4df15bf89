import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { breakerOf, BreakerRegistry, withBreaker, withPolicies } from '../../lib';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

const NAMES = ['transition', 'reject', 'retry', 'probe', 'late'] as const;

const clock = new TimerClock();
let heard: [name: unknown, message: unknown][] = [];
/** The channels are the process's: a call that another spec file has left in it may tell of itself as well. */
const NAME = 'channels.observed';
const listener = (message: unknown, name: unknown): void => {
  if ((message as { operation: string }).operation === NAME) heard.push([name, message]);
};

const listen = (...names: readonly string[]): void => {
  for (const name of names) subscribe(`breaker-box:${name}`, listener);
};

afterEach(() => {
  for (const name of NAMES) unsubscribe(`breaker-box:${name}`, listener);
  heard = [];
});

const names = (): unknown[] => heard.map(([name]) => name);

describe('the diagnostics channels', () => {
  it('tell of transitions, rejections and probes of any registry, with the events that its listeners get', async () => {
    const registry = new BreakerRegistry({ clock });
    const told: unknown[] = [];
    for (const type of ['transition', 'reject', 'probe'] as const) registry.on(type, (event) => told.push(event));
    listen(...NAMES);
    const call = withBreaker(scripted(fails(), works()), { name: NAME, registry, failureThreshold: 1, recoveryTimeout: 100 });
    await rejectionOf(call());
    await rejectionOf(call());
    await clock.advance(100);
    await call();
    expect(names()).toEqual(['transition', 'reject', 'transition', 'probe', 'transition'].map((name) => `breaker-box:${name}`));
    expect(heard.map(([, message]) => message)).toEqual(told);
  });

  it('reach who subscribes after the operations were compiled and called, and who does so while a call runs', async () => {
    const registry = new BreakerRegistry({ clock });
    const fn = pending();
    const call = withBreaker(fn, { name: NAME, registry });
    const first = call();
    fn.calls[0]!.resolve();
    await first;
    const running = call();
    listen(...NAMES);
    call.breaker!.trip();
    await rejectionOf(call());
    fn.calls[1]!.resolve();
    await running;
    expect(names()).toEqual(['breaker-box:transition', 'breaker-box:reject', 'breaker-box:late']);
  });

  it('tell of retries', async () => {
    listen('retry');
    const registry = new BreakerRegistry({ clock });
    const error = new Error('down');
    await clock.until(withPolicies(scripted(fails(error), works()), { name: NAME, registry, retry: { baseDelay: 5, jitter: false } })());
    expect(heard).toEqual([
      ['breaker-box:retry', { type: 'retry', operation: NAME, at: expect.any(Number), attempt: 1, delay: 5, error }],
    ]);
  });

  it('build nothing while nobody subscribes, and nothing any more once nobody does', async () => {
    // An event is dated when it is built. The breaker itself reads the wall clock as well, always as often.
    const wallTime = jest.spyOn(clock, 'wallTime');
    const readsOfAnOutage = async (): Promise<number> => {
      wallTime.mockClear();
      const call = withBreaker(scripted(works()), { name: NAME, registry: new BreakerRegistry({ clock }) });
      call.breaker!.trip();
      await rejectionOf(call());
      call.breaker!.reset();
      return wallTime.mock.calls.length;
    };
    const before = await readsOfAnOutage();
    listen(...NAMES);
    const during = await readsOfAnOutage();
    for (const name of NAMES) unsubscribe(`breaker-box:${name}`, listener);
    expect(during).toBe(before + 3);
    expect(await readsOfAnOutage()).toBe(before);
    expect(names()).toEqual(['breaker-box:transition', 'breaker-box:reject', 'breaker-box:transition']);
    wallTime.mockRestore();
  });

  it('are subscribed to one by one', () => {
    listen('reject');
    const registry = new BreakerRegistry({ clock });
    const breaker = breakerOf(NAME, undefined, registry);
    breaker.trip();
    breaker.tryAcquire();
    expect(names()).toEqual(['breaker-box:reject']);
  });

  it('do not slow calls down: who subscribes does not make them take the long way', async () => {
    listen(...NAMES);
    const registry = new BreakerRegistry({ clock });
    const now = jest.spyOn(clock, 'now');
    const call = withBreaker(scripted(works()), { name: NAME, registry });
    await call();
    await call();
    expect(now).not.toHaveBeenCalled();
    now.mockRestore();
  });
});

describe('where there is no diagnostics_channel, as in a browser', () => {
  it('events reach the listeners of the registry as ever', () => {
    const getBuiltinModule = process.getBuiltinModule;
    Reflect.deleteProperty(process, 'getBuiltinModule');
    try {
      jest.isolateModules(() => {
        const lib = require('../../lib') as typeof import('../../lib');
        const registry = new lib.BreakerRegistry();
        const states: string[] = [];
        registry.on('transition', ({ to }) => states.push(to));
        breakerOf('a', undefined, registry).trip();
        expect(states).toEqual(['open']);
      });
    } finally {
      process.getBuiltinModule = getBuiltinModule;
    }
  });
});
