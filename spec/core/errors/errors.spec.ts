import {
  BulkheadFullError, CircuitOpenError, ConfigurationError, OperationConflictError, OperationTimeoutError, RateLimitedError, ThrottledError,
} from '../../../lib';
import { hasCode, isBreakerBoxError, codeFrom, isRejection, withoutStack, type BreakerBoxError } from '../../../lib/core/errors';

const open = (given: object = {}) =>
  new CircuitOpenError({ operation: 'pay', key: undefined, state: 'open', retryAfter: 12_000, openedAt: 5, cause: undefined, ...given });

describe('an error says', () => {
  it.each<[string, BreakerBoxError, string, string, object]>([
    ['CircuitOpenError', open(), 'BREAKER_OPEN', 'The circuit of pay is open', { retryAfter: 12_000, openedAt: 5 }],
    ['CircuitOpenError', open({ key: 'eu', state: 'half_open', cause: 'down' }), 'BREAKER_OPEN', 'The circuit of pay[eu] is half_open',
      { key: 'eu', state: 'half_open', cause: 'down' }],
    ['BulkheadFullError', new BulkheadFullError('pay', 3, 2), 'BREAKER_BULKHEAD_FULL', '3 calls of pay are running and 2 waiting: no room for another one',
      { running: 3, queued: 2, key: undefined }],
    ['BulkheadFullError', new BulkheadFullError('pay', 3, 2, 'eu'), 'BREAKER_BULKHEAD_FULL',
      '3 calls of pay[eu] are running and 2 waiting: no room for another one', { key: 'eu' }],
    ['RateLimitedError', new RateLimitedError('pay', 250), 'BREAKER_RATE_LIMITED', 'The rate limit of pay is reached; try again in 250 ms', { retryAfter: 250 }],
    ['RateLimitedError', new RateLimitedError('pay', 250, 'eu'), 'BREAKER_RATE_LIMITED', 'The rate limit of pay[eu] is reached; try again in 250 ms', { key: 'eu' }],
    ['ThrottledError', new ThrottledError('pay', 250), 'BREAKER_THROTTLED', 'pay is throttled: its dependency refuses too many calls', { retryAfter: 250 }],
    ['ThrottledError', new ThrottledError('pay', 250, 'eu'), 'BREAKER_THROTTLED', 'pay[eu] is throttled: its dependency refuses too many calls', { key: 'eu' }],
    ['OperationTimeoutError', new OperationTimeoutError('pay', 20), 'BREAKER_TIMEOUT', 'pay did not settle within 20 ms', { timeout: 20, isCutShort: false }],
    ['OperationTimeoutError', new OperationTimeoutError('pay', 20, { isCutShort: true, cause: 1 }), 'BREAKER_TIMEOUT',
      'pay did not settle within the 20 ms that the call around it had left', { isCutShort: true, cause: 1 }],
    ['OperationConflictError', new OperationConflictError('pay', 'it is'), 'BREAKER_CONFLICT', "The operation name 'pay' is taken: it is", {}],
    ['ConfigurationError', new ConfigurationError('here', [{ path: '', message: 'is wrong', received: 1 }], 'pay'), 'BREAKER_CONFIG', 'here: is wrong; received 1', {}],
  ])('%s: its name, code and operation, and what has happened', (name, error, code, message, details) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name, code, message, operation: 'pay', ...details });
    expect(String(error)).toBe(`${name}: ${message}`);
    expect(Object.keys(error)).not.toContain('name');
  });

  it.each([
    [12_000, 'temporarily unavailable, try again in 12 s'],
    [0, 'temporarily unavailable, try again later'],
    [Infinity, 'temporarily unavailable, try again later'],
  ])('for people when an open circuit is worth another try: in %p ms', (retryAfter, sentence) => {
    expect(open({ retryAfter }).userMessage).toBe(sentence);
  });
});

describe('what was given, as a ConfigurationError shows it', () => {
  const circular: Record<string, unknown> = {};
  circular['itself'] = circular;
  it.each<[unknown, string]>([
    ['a text', "'a text'"],
    ['x'.repeat(80), `'${'x'.repeat(80)}'`],
    ['x'.repeat(81), `'${'x'.repeat(77)}...'`],
    [() => 1, 'a function'],
    [function load() {}, 'function load'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [5n, '5'],
    [Symbol('s'), 'Symbol(s)'],
    [{ a: [1, 'b'] }, '{"a":[1,"b"]}'],
    [{ a: 'y'.repeat(72) }, `{"a":"${'y'.repeat(72)}"}`],
    [{ a: 'y'.repeat(73) }, `{"a":"${'y'.repeat(71)}...`],
    [circular, '[object Object]'],
    [{ toJSON: () => undefined }, '[object Object]'],
  ])('%p', (received, shown) => {
    expect(new ConfigurationError('here', [{ path: 'at', message: 'is wrong', received }]).message).toBe(`here: at: is wrong; received ${shown}`);
  });
});

describe('an error is told', () => {
  const own = new RateLimitedError('pay', 5);
  /** As another copy of the package makes it. */
  const foreign = Object.assign(Object.create({ [Symbol.for('breaker-box.error')]: true }) as object, { code: 'BREAKER_OPEN', operation: 'pay' });

  it.each<[string, unknown, boolean]>([
    ['ours', own, true], ['another copy’s', foreign, true], ['another', new Error('down'), false], ['nothing', undefined, false], ['a text', 'BREAKER_OPEN', false],
  ])('by its mark: %s', (_whose, error, isIt) => {
    expect(isBreakerBoxError(error)).toBe(isIt);
  });

  it('by its code, and the operation that it is about', () => {
    expect([hasCode(own, 'BREAKER_OPEN'), hasCode(own, 'BREAKER_OPEN', 'BREAKER_RATE_LIMITED'), hasCode({ code: 'BREAKER_OPEN' }, 'BREAKER_OPEN')]).toEqual([
      false, true, false,
    ]);
    expect([codeFrom('pay', foreign) === 'BREAKER_OPEN', codeFrom('load', foreign) === 'BREAKER_OPEN', codeFrom('pay', foreign) === 'BREAKER_CONFIG']).toEqual([
      true, false, false,
    ]);
  });

  it('for a rejection, unless it is a timeout: then the function has run', () => {
    expect([own, foreign, new OperationTimeoutError('pay', 5), new Error('down')].map(isRejection)).toEqual([true, true, false, false]);
  });
});

describe('an error without a stack', () => {
  it('has the line that loggers print, and leaves the traces of others alone', () => {
    const limit = Error.stackTraceLimit;
    expect(withoutStack(() => new RangeError('too far')).stack).toBe('RangeError: too far');
    expect(() => withoutStack(() => { throw new TypeError('made none'); })).toThrow('made none');
    expect(Error.stackTraceLimit).toBe(limit);
    expect(new Error('next').stack).toContain('errors.spec');
  });

  it('keeps its stack where nobody may change the limit', () => {
    const own = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false, configurable: true });
    try {
      expect(withoutStack(() => new RangeError('too far')).stack).toContain('errors.spec');
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', own);
    }
  });
});
