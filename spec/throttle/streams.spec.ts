import { BreakerRegistry, ThrottledError, withPolicies, type ThrottleEvent, type ThrottleOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

const down = new Error('503');

/** Streams that yield items, throw errors, and end with 'end'. */
function setUp(given: ThrottleOptions = {}) {
  const registry = new BreakerRegistry({ clock: new ManualClock() });
  const events: ThrottleEvent[] = [];
  registry.on('throttle', (event) => {
    events.push(event);
  });
  const open = withPolicies(
    async function* (...script: unknown[]): AsyncGenerator<unknown, string> {
      for (const step of script) {
        if (step instanceof Error) throw step;
        yield step;
      }
      return 'end';
    },
    { registry, throttle: { random: () => 0, ...given } },
  );
  return { open, events };
}

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('a throttle of streams', () => {
  it('judges a stream at its end: one that fails after items was refused', async () => {
    const { open, events } = setUp();
    const stream = open('a', down);
    await stream.next();
    // Under way, it counts for nothing.
    expect(await collect(open('b'))).toEqual(['b']);

    expect(await rejectionOf(stream.next())).toBe(down);

    await rejectionOf(collect(open(down)));
    await rejectionOf(collect(open(down)));
    expect(events).toMatchObject([{ probability: (3 - 2 * 1) / 4 }]);
  });

  it('counts one that ends, is left by its consumer, or is empty as accepted', async () => {
    const { open, events } = setUp({ k: 1 });
    await collect(open('a', 'b'));
    const left = open('a', 'b');
    await left.next();
    await left.return('enough');
    await collect(open());
    await rejectionOf(collect(open(down)));
    await rejectionOf(collect(open(down)));
    expect(events).toMatchObject([{ probability: (4 - 3) / 5 }]);
  });

  it('counts one for nothing whose consumer threw into it, or returned before its first item', async () => {
    const { open, events } = setUp();
    const streams = Array.from({ length: 5 }, () => open('a', 'b'));
    await Promise.all(streams.map((stream) => stream.next()));
    const early = open('a');
    await Promise.all([early.next(), early.return('enough')]);
    await rejectionOf(collect(open(down)));

    const mine = new Error('mine');
    for (const stream of streams) expect(await rejectionOf(stream.throw(mine))).toBe(mine);

    expect(await rejectionOf(collect(open('a')))).toBeInstanceOf(ThrottledError);
    expect(events).toMatchObject([{ probability: 1 / 2 }]);
  });

  it('asks handleResult about what a stream ends with', async () => {
    const { open, events } = setUp({ handleResult: (value: unknown) => value === 'end' });
    await collect(open('a'));
    expect(await rejectionOf(collect(open('a')))).toBeInstanceOf(ThrottledError);
    expect(events).toMatchObject([{ probability: 1 / 2 }]);
  });

  it('does not begin one that is held back', async () => {
    const { open } = setUp();
    await rejectionOf(collect(open(down)));
    const stream = open('a');
    expect(await rejectionOf(stream.next())).toBeInstanceOf(ThrottledError);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
