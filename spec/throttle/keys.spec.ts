import { BreakerRegistry, ConfigurationError, ThrottledError, withPolicies, withRegistry, type ThrottleEvent, type ThrottleOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

function setUp(given: ThrottleOptions = {}) {
  const clock = new ManualClock();
  const registry = new BreakerRegistry({ clock });
  const events: ThrottleEvent[] = [];
  registry.on('throttle', (event) => {
    events.push(event);
  });
  const fn = jest.fn((host: string) => (host.startsWith('good') ? Promise.resolve(host) : Promise.reject(new Error('503'))));
  const throttle = { key: (host: string) => host, random: () => 0, ...given };
  const call = withPolicies(fn, { name: 'search.find', registry, throttle });
  return { clock, registry, events, fn, call };
}

describe('a throttle for each key', () => {
  it('keeps keys apart', async () => {
    const { call, fn } = setUp();
    await rejectionOf(call('bad'));
    expect(await rejectionOf(call('bad'))).toBeInstanceOf(ThrottledError);
    expect(await rejectionOf(call('bad too'))).not.toBeInstanceOf(ThrottledError);
    expect(await call('good')).toBe('good');
    expect(fn.mock.calls).toEqual([['bad'], ['bad too'], ['good']]);
  });

  it('names the key in the error and in the event', async () => {
    const { call, events } = setUp();
    await rejectionOf(call('bad'));
    expect(await rejectionOf(call('bad'))).toMatchObject({ key: 'bad', message: expect.stringContaining('search.find[bad]') });
    expect(events).toMatchObject([{ key: 'bad', probability: 1 / 2 }]);
  });

  it('rejects a call without a key, and does not run it', async () => {
    const { call, fn } = setUp({ key: () => undefined as never });
    expect(await rejectionOf(call('good'))).toBeInstanceOf(ConfigurationError);
    expect(fn).not.toHaveBeenCalled();
  });

  it('drops, for room, only a key that nothing is remembered of', async () => {
    const { call, clock, events } = setUp({ maxKeys: 1, window: 1000 });
    await rejectionOf(call('bad'));
    await call('good'); // shares with all that find no room
    await rejectionOf(call('bad'));
    expect(events).toMatchObject([{ key: 'bad' }]);
    clock.advance(2000);

    await rejectionOf(call('bad too'));
    await rejectionOf(call('bad too'));

    expect(events.map(({ key }) => key)).toEqual(['bad', 'bad too']);
  });
});

describe('what a throttle remembers', () => {
  it('is kept for each registry, and outlives going back and forth between them', async () => {
    const clock = new ManualClock();
    const [one, other] = [new BreakerRegistry({ clock }), new BreakerRegistry({ clock })];
    const call = withPolicies(() => Promise.reject(new Error('503')), { name: 'search.find', throttle: { random: () => 0 } });
    const isHeld = async (registry: BreakerRegistry): Promise<boolean> =>
      (await withRegistry(registry, () => rejectionOf(call()))) instanceof ThrottledError;

    expect([await isHeld(one), await isHeld(other)]).toEqual([false, false]);
    expect([await isHeld(one), await isHeld(other), await isHeld(one)]).toEqual([true, true, true]);
    one.delete('search.find');
    expect(await isHeld(one)).toBe(true);
  });

  it('takes clock and chance of the registry, unless it has its own', async () => {
    const clock = new ManualClock();
    const random = jest.fn(() => 0);
    const registry = new BreakerRegistry({ clock, random });
    const call = withPolicies(() => Promise.reject(new Error('503')), { registry, throttle: { window: 1000 } });
    await rejectionOf(call());
    expect(await rejectionOf(call())).toBeInstanceOf(ThrottledError);
    expect(random).toHaveBeenCalledTimes(1);
    clock.advance(1000);
    expect(await rejectionOf(call())).not.toBeInstanceOf(ThrottledError);
  });
});
