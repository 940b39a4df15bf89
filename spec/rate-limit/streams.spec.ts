import { BreakerRegistry, RateLimitedError, withPolicies, type RateLimitOptions } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

function setUp(rateLimit: RateLimitOptions) {
  const clock = new TimerClock();
  let started = 0;
  const pages = withPolicies(
    async function* (count: number) {
      started++;
      for (let page = 1; page <= count; page++) yield page;
    },
    { registry: new BreakerRegistry({ clock }), rateLimit },
  );
  return { clock, pages, started: () => started };
}

async function collect(stream: AsyncIterable<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('a rate limit of a stream', () => {
  it('takes a token when the stream begins, at its first next(), and none for its items', async () => {
    const { clock, pages, started } = setUp({ limit: 1 });
    const [one, other] = [pages(3), pages(3)];
    expect(await collect(other)).toEqual([1, 2, 3]);
    expect(await rejectionOf(collect(one))).toBeInstanceOf(RateLimitedError);
    expect(started()).toBe(1);
    await clock.advance(1000);
    expect(await collect(pages(2))).toEqual([1, 2]);
  });

  it('begins when its turn comes', async () => {
    const { clock, pages } = setUp({ limit: 1, maxWait: '5s' });
    await collect(pages(1));
    expect(await clock.until(collect(pages(2)))).toEqual([1, 2]);
    expect([clock.now(), clock.armed]).toEqual([1000, 0]);
  });

  it('leaves at once when its consumer returns while it waits, and gives its turn to those behind', async () => {
    const { clock, pages, started } = setUp({ limit: 1, maxWait: '5s' });
    await collect(pages(1));
    const stream = pages(1);
    const first = stream.next();
    const behind = collect(pages(1));
    await clock.advance(500);

    expect(await stream.return(undefined)).toEqual({ done: true, value: undefined });

    expect(await first).toEqual({ done: true, value: undefined });
    await clock.until(behind);
    expect([clock.now(), clock.armed, started()]).toEqual([1000, 0, 2]);
  });
});
