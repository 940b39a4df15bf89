import { BreakerRegistry, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';

describe('a bulkhead with more keys than it may keep', () => {
  const setUp = () => {
    const fn = pending();
    const key = (id: unknown) => String(id);
    const call = withPolicies(fn, { name: 'op', registry: new BreakerRegistry(), bulkhead: { maxConcurrent: 1, maxQueue: 1, key, maxKeys: 2 } });
    return { fn, call };
  };

  it('keeps those whose calls run or wait, and lets the rest share one', async () => {
    const { fn, call } = setUp();
    void call('a');
    void call('a'); // waits
    void call('b');
    void call('c');
    void call('d'); // waits behind c
    expect(fn.mock.calls.flat()).toEqual(['a', 'b', 'c']);
    expect(await rejectionOf(call('a'))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', key: 'a', running: 1, queued: 1 });
    expect(await rejectionOf(call('e'))).toMatchObject({ code: 'BREAKER_BULKHEAD_FULL', key: undefined, running: 1, queued: 1 });
  });

  it('drops those that nobody uses', async () => {
    const { fn, call } = setUp();
    for (const key of ['a', 'b']) {
      const result = call(key);
      fn.calls.at(-1)!.resolve();
      await result;
    }
    await reactions();
    void call('c');
    void call('d');
    expect(fn.mock.calls.flat()).toEqual(['a', 'b', 'c', 'd']);
  });
});
