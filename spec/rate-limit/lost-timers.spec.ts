import { asOnWorkers } from '../support/as-on-workers';
import { reactions } from '../support/timer-clock';
import { Testbed } from './testbed';

/** A limit of one call every 100 ms, whose token is taken. */
async function busy(): Promise<Testbed> {
  const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1m' });
  await testbed.call('a');
  return testbed;
}

/** Loses the timers that are armed meanwhile, as those are that go with the request that armed them. */
async function losingTimers({ clock }: Testbed, act: () => void): Promise<void> {
  const arm = jest.spyOn(clock, 'setTimeout').mockReturnValue(-1);
  act();
  await reactions();
  arm.mockRestore();
}

describe('rule 36: a rate limit whose timers were lost, for the requests that armed them have ended', () => {
  it('lets each who waits go on by a timer of its own, in the order they came', async () => {
    const testbed = await busy();
    await losingTimers(testbed, () => void testbed.call('b'));
    await testbed.clock.until(Promise.all([testbed.call('c'), testbed.call('d')]));
    expect(testbed.order).toEqual(['a', 'b', 'c', 'd']);
    expect(testbed.times).toEqual([0, 200, 300, 400]);
    expect(testbed.clock.armed).toBe(0);
  });

  it('serves those who wait when somebody comes, and gives the next of them a timer', async () => {
    const testbed = await busy();
    await losingTimers(testbed, () => {
      void testbed.call('b');
      void testbed.call('c');
    });
    await testbed.clock.advance(350);
    expect(testbed.order).toEqual(['a']);

    await testbed.clock.until(testbed.call('d'));
    expect(testbed.order).toEqual(['a', 'b', 'c', 'd']);
    expect(testbed.times).toEqual([0, 350, 450, 550]);
    expect(testbed.clock.armed).toBe(0);
  });

  it('lets one who moved up go on by its first timer when the one of its new turn was lost', async () => {
    const testbed = await busy();
    const controller = new AbortController();
    const left = testbed.within({ signal: controller.signal }, 'b').catch(() => 'left');
    const behind = testbed.call('c');
    await reactions();
    await losingTimers(testbed, () => {
      controller.abort();
    });
    await testbed.clock.until(behind);
    expect(await left).toBe('left');
    expect(testbed.times).toEqual([0, 200]);
    expect(testbed.clock.armed).toBe(0);
  });

  it('lets one whose own timer fired too early wait on, though that of the one before it was lost', async () => {
    const testbed = await busy();
    await losingTimers(testbed, () => void testbed.call('b'));
    const arm = testbed.clock.setTimeout.bind(testbed.clock);
    jest.spyOn(testbed.clock, 'setTimeout').mockImplementationOnce((fire) => arm(fire, 90));
    await testbed.clock.until(testbed.call('c'));
    expect(testbed.order).toEqual(['a', 'b', 'c']);
    expect(testbed.times).toEqual([0, 200, 300]);
  });

  it('does not look again and again: each who waits knows when its turn is', async () => {
    const testbed = await busy();
    await losingTimers(testbed, () => {
      for (let n = 0; n < 20; n++) void testbed.call(`lost ${n}`);
    });
    await testbed.clock.until(Promise.all(Array.from({ length: 20 }, (_, n) => testbed.call(n))));
    expect(testbed.order.slice(-20)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(testbed.clock.delays.length).toBeLessThanOrEqual(20 + 20 + 20);
    expect(testbed.clock.armed).toBe(0);
  });
});

describe('rule 36: a rate limit where timers and promises belong to a request', () => {
  it('lets each who waits look by a timer of its own, in the order they came', async () => {
    const restore = asOnWorkers();
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
    const calls = Promise.all(['a', 'b', 'c'].map((arg) => testbed.call(arg)));
    await reactions();
    expect(testbed.clock.armed).toBe(2);
    restore();
    await testbed.clock.until(calls);
    expect(testbed.order).toEqual(['a', 'b', 'c']);
    expect(testbed.times).toEqual([0, 100, 200]);
    expect(testbed.clock.armed).toBe(0);
  });
});
