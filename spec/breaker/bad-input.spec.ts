import { Breaker, BreakerRegistry, withBreaker, type BreakerOptions } from '../../lib';
import { configure, disable, forceOpen, restore } from '../../lib/operate';
import { errorOf } from '../support/decorator-fixtures/misuse';

const messageOf = (act: () => unknown): string => (errorOf(act) as Error).message;
const make = (options: unknown) => () => new Breaker(options as BreakerOptions);

describe('what a breaker says of bad input', () => {
  it.each<[unknown, string]>([
    [null, 'new Breaker: must be an object of options; received null'],
    [{ key: () => 'a', scope: 'instance' }, "new Breaker: key: key and scope: 'instance' exclude each other; received function key"],
    [{ key: () => 'a' }, 'new Breaker: key: a single breaker serves all calls: protect a function or method to have several; received function key'],
    [{ scope: 'instance' }, "new Breaker: scope: a single breaker serves all calls: protect a function or method to have several; received 'instance'"],
    [{ failureThreshold: 2, window: { type: 'count', size: 5 } }, 'new Breaker: failureThreshold: window replaces failureThreshold: give one of them; received 2'],
    [{ window: {} }, "new Breaker: window: must be { type: 'count', size, ... } or { type: 'time', duration, ... }; received {}"],
    [{ window: null }, "new Breaker: window: must be { type: 'count', size, ... } or { type: 'time', duration, ... }; received null"],
    [{ window: { type: 'count', size: 5, minimumCalls: 6 } }, 'new Breaker: window.minimumCalls: must not be above size (5); received 6'],
    [{ window: { type: 'count', size: 5, slowCallRate: 0.5 } }, 'new Breaker: window.slowCallDuration: slowCallDuration and slowCallRate go together; received undefined'],
    [{ window: { type: 'time', duration: '1s', slowCallDuration: 5 } }, 'new Breaker: window.slowCallRate: slowCallDuration and slowCallRate go together; received undefined'],
    [{ scope: 'method' }, "new Breaker: scope: must be 'class' or 'instance'; received 'method'"],
    [{ recoveryTimeout: 0 }, "new Breaker: recoveryTimeout: must be a duration > 0, or Infinity: milliseconds, or a string such as '250ms', '60s', '5m'; received 0"],
  ])('%j', (options, message) => {
    expect(messageOf(make(options))).toBe(message);
  });

  it('takes the bounds themselves', () => {
    expect(make({ window: { type: 'count', size: 5, minimumCalls: 5 }, recoveryTimeout: '30m', recoveryBackoff: { max: '29m' } })).not.toThrow();
    expect(make({ window: { type: 'time', duration: '1s', minimumCalls: 500 } })).not.toThrow();
    expect(make({ window: { type: 'count', size: 5, slowCallRate: 0.5, slowCallDuration: 5 } })).not.toThrow();
  });

  it('names the breaker that is used wrongly', async () => {
    const breaker = new Breaker({ name: 'pay' });
    expect([
      messageOf(() => breaker.executeSync(5 as never)),
      messageOf(() => { configure(breaker, { name: 'other', clock: {} as never }); }),
      messageOf(() => { forceOpen(breaker, { for: 0 }); }),
      messageOf(() => { void disable(breaker, { reason: 5 } as never); }),
      messageOf(() => { restore(breaker, null as never); }),
      messageOf(() => breaker.on('open' as never, 5 as never)),
    ]).toEqual([
      'executeSync of pay: must be given a function to run; received 5',
      expect.stringMatching(/^configure of pay:\n {2}- name: cannot be changed on a live breaker; received 'other'\n {2}- clock: cannot be changed on a live breaker; received \{\}/),
      "forced_open of pay: for: must be a duration > 0, or Infinity: milliseconds, or a string such as '250ms', '60s', '5m'; received 0",
      'disabled of pay: reason: must be a string of at most 200 characters; received 5',
      'restore of pay: must be an object of options; received null',
      expect.stringMatching(/^on:\n {2}- event: unknown event; .*; received 'open'\n {2}- listener: must be a function; received 5$/),
    ]);
    await expect(breaker.execute(undefined as never, { signal: 7 as never })).rejects.toThrow(
      'execute of pay:\n  - must be given a function to run; received undefined\n  - signal: must be an AbortSignal (with addEventListener, removeEventListener); received 7',
    );
    await expect(breaker.execute(async () => 1, { timeout: 5 } as never)).rejects.toThrow('execute of pay: timeout: unknown option');
    await expect(breaker.execute(async () => 1, null as never)).rejects.toThrow('execute of pay: must be an object of options; received null');
    expect(breaker.stats.calls).toBe(0);
  });

  it('says so of a wrapper as well', () => {
    expect(messageOf(() => withBreaker(async () => 1, { registry: new BreakerRegistry(), key: () => 'a', scope: 'instance' }))).toContain(
      "key: key and scope: 'instance' exclude each other",
    );
  });
});
