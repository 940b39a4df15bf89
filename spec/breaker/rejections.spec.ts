import { Breaker, BreakerBoxError, CircuitOpenError, isBreakerBoxError } from '../../lib';
import { snapshot } from '../../lib/operate';
import { Outage, RECOVERY, Testbed } from './testbed';

describe('CircuitOpenError', () => {
  it('tells the operation, its state, when to come back, since when, and why', () => {
    const testbed = new Testbed({ name: 'users.fetch', failureThreshold: 1 });
    const error = new Outage('down');
    testbed.fail(1, error);
    const openedAt = testbed.clock.wallTime();
    testbed.clock.advance(300);

    const rejection = testbed.rejection();

    expect(rejection).toBeInstanceOf(BreakerBoxError);
    expect(rejection).toMatchObject({
      name: 'CircuitOpenError',
      code: 'BREAKER_OPEN',
      operation: 'users.fetch',
      key: undefined,
      state: 'open',
      retryAfter: 700,
      openedAt,
      message: expect.stringContaining('users.fetch'),
    });
    expect(rejection.cause).toBe(error);
  });

  it('is half_open, to be tried again at any time, while the probe slots are taken', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.acquire();

    expect(testbed.rejection()).toMatchObject({ state: 'half_open', retryAfter: 0 });
  });

  it('has no cause when the circuit was tripped before any failure', () => {
    const testbed = new Testbed();
    testbed.breaker.trip();

    expect(testbed.rejection().cause).toBeUndefined();
  });

  it('is a fresh error for each rejection', () => {
    const testbed = new Testbed().open();

    const [one, other] = [testbed.rejection(), testbed.rejection()];

    expect(one).not.toBe(other);
    expect(one).toEqual(other);
  });

  it('is what `execute` rejects with and what the reject event is about', async () => {
    const testbed = new Testbed().open();
    const events = testbed.listen('reject');

    const rejection: unknown = await testbed.breaker.execute(() => 'answer').catch((error: unknown) => error);

    expect(rejection).toBeInstanceOf(CircuitOpenError);
    expect(events[0]).toMatchObject({ state: 'open', retryAfter: (rejection as CircuitOpenError).retryAfter });
  });

  it('has a first line and no stack trace by default', () => {
    const { stack } = new Testbed().open().rejection();

    expect(stack).toMatch(/^CircuitOpenError: .*is open$/);
  });

  it('leaves the stack traces of other errors alone', () => {
    const limit = Error.stackTraceLimit;
    new Testbed().open().rejection();

    expect(Error.stackTraceLimit).toBe(limit);
    expect(new Error('another').stack).toContain('rejections.spec');
  });

  it('has its stack trace with rejectionStacks', () => {
    const { stack } = new Testbed({ rejectionStacks: true }).open().rejection();

    expect(stack).toContain('rejections.spec');
  });

  it.each([
    [1, 'temporarily unavailable, try again in 1 ms'],
    [999, 'temporarily unavailable, try again in 999 ms'],
    [11_400, 'temporarily unavailable, try again in 12 s'],
    ['10m', 'temporarily unavailable, try again in 10 min'],
    ['3h', 'temporarily unavailable, try again in 3 h'],
    [Infinity, 'temporarily unavailable, try again later'],
  ] as const)('has a sentence for people: %p', (recoveryTimeout, sentence) => {
    expect(new Testbed({ recoveryTimeout }).open().rejection().userMessage).toBe(sentence);
  });

  it('asks people to come later while a probe is under way', () => {
    const testbed = new Testbed().halfOpen();
    testbed.breaker.acquire();

    expect(testbed.rejection().userMessage).toBe('temporarily unavailable, try again later');
  });

  it('is recognised across copies of the package', () => {
    jest.isolateModules(() => {
      const copy = require('../../lib') as typeof import('../../lib');
      const rejection = new Testbed().open().rejection();

      expect(rejection).not.toBeInstanceOf(copy.CircuitOpenError);
      expect(copy.isBreakerBoxError(rejection)).toBe(true);
    });
  });

  it.each([undefined, null, 'CircuitOpenError', {}, new Error('down'), { code: 'BREAKER_OPEN' }])('is not %p', (other) => {
    expect(isBreakerBoxError(other)).toBe(false);
  });

  it('of another copy, about the same operation, is ignored like our own', () => {
    jest.isolateModules(() => {
      const copy = require('../../lib') as typeof import('../../lib');
      const theirs = new copy.Breaker({ name: 'users.fetch' });
      theirs.trip();
      const ours = new Testbed({ name: 'users.fetch' }).breaker;

      expect(() => ours.executeSync(() => theirs.executeSync(() => 'answer'))).toThrow(/users\.fetch/);

      expect(ours.stats).toMatchObject({ ignored: 1, failures: 0 });
    });
  });
});

describe('rule 34: names are any string', () => {
  it.each(['__proto__', 'constructor', 'toString', '', ' ', 'users.fetch', 'a\nb', '\u{1F50C}', '*'])('%j', (name) => {
    const testbed = new Testbed({ name, failureThreshold: 1 });
    const transitions = testbed.listen('transition');
    testbed.fail();

    expect(testbed.breaker.name).toBe(name);
    expect(testbed.rejection().operation).toBe(name);
    expect(transitions[0]).toMatchObject({ operation: name });
    expect(snapshot(testbed.breaker).name).toBe(name);
    expect(new Testbed().breaker.state).toBe('closed');
  });

  it('is anonymous when none is given', () => {
    expect(new Breaker().name).toBe('anonymous');
    expect(new Breaker().key).toBeUndefined();
  });
});

describe('the state that a caller meets', () => {
  it('tells in retryAfter how long a caller has to wait', () => {
    const testbed = new Testbed();
    expect(testbed.breaker.retryAfter).toBe(0);
    testbed.open();
    const { retryAfter } = testbed.rejection();

    testbed.clock.advance(retryAfter);

    expect(testbed.succeed()).toBe('answer');
    expect(retryAfter).toBe(RECOVERY);
  });
});
