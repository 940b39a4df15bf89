import { asOnWorkers } from '../support/as-on-workers';
import { reactions } from '../support/timer-clock';
import { Testbed } from './testbed';

describe('rule 36: a rate limit whose timer was lost, for the request that armed it has ended', () => {
  it('arms another one for whoever comes next and waits', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
    await testbed.call('a');
    const arm = jest.spyOn(testbed.clock, 'setTimeout').mockReturnValueOnce(-1);
    void testbed.call('b');
    await reactions();
    arm.mockRestore();
    await testbed.clock.advance(50);
    void testbed.call('c');
    await reactions();
    expect(testbed.clock.armed).toBe(0);
    await testbed.clock.advance(100);
    expect(testbed.order).toEqual(['a']);

    void testbed.call('d');
    await testbed.clock.advance(300);
    expect(testbed.order).toEqual(['a', 'b', 'c', 'd']);
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
