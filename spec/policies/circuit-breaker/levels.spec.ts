import { Breaker, type BreakerOptions } from '../../../lib';
import { Testbed } from './testbed';

const messageOf = (options: BreakerOptions): string => {
  try {
    return `no error: ${new Breaker(options).name}`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('one object of options', () => {
  it('has all that it contradicts itself in named at once', () => {
    expect(messageOf({ name: 'a', recoveryTimeout: '10m', recoveryBackoff: { max: '1m' }, failureThreshold: 3, window: { type: 'count', size: 2, minimumCalls: 5 } })).toBe(`new Breaker:
  - window.minimumCalls: must not be above size (2); received 5
  - failureThreshold: window replaces failureThreshold: give one of them; received 3
  - recoveryBackoff.max: must not be below recoveryTimeout (600000 ms); received 60000`);
  });

  it.each<[string, BreakerOptions]>([
    ['no recoveryTimeout, below whose default its backoff may be', { recoveryBackoff: { factor: 3 } }],
    ['a recoveryTimeout without end', { recoveryTimeout: Infinity, recoveryBackoff: { max: 1 } }],
    ['a backoff that ends where it begins', { recoveryTimeout: 1000, recoveryBackoff: { max: 1000 } }],
    ['options that are undefined', { failureThreshold: undefined, window: { type: 'count', size: 2 } }],
  ])('may have %s', (_what, options) => {
    expect(messageOf({ name: 'a', ...options })).toBe('no error: a');
  });
});

describe('a snapshot of a breaker without a window', () => {
  it('leaves the window of the breaker that takes it up empty', () => {
    const saved = new Testbed();
    saved.fail(2);
    const { breaker } = new Testbed({ window: { type: 'count', size: 4 } });
    breaker.restore(saved.breaker.snapshot());
    expect(breaker.stats).toMatchObject({ failureRate: 0, failures: 2 });
  });

  it('takes one with a window, and drops that', () => {
    const saved = new Testbed({ window: { type: 'count', size: 4 } });
    saved.fail(2);
    const { breaker } = new Testbed();
    breaker.restore(saved.breaker.snapshot());
    expect(breaker.snapshot()).not.toHaveProperty('window');
  });
});
