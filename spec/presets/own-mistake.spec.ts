import { isOutage } from '../../lib/presets/http-failure';
import { isOwnMistake } from '../../lib/presets/own-mistake';

const coded = (code: string, fields: object = {}) => Object.assign(new Error(code), { code }, fields);

describe('the caller’s own mistake', () => {
  it.each([
    // V8, JavaScriptCore, SpiderMonkey.
    "Cannot read properties of undefined (reading 'id')", 'x is not a function', 'x is not iterable', 'Assignment to constant variable.',
    "undefined is not an object (evaluating 'x.id')", "null is not an object (evaluating 'x.id')", 'x is undefined', `can't access property "id", x is null`,
    'Converting circular structure to JSON', "Cannot assign to read only property 'a' of object", 'Illegal invocation',
    // fetch.
    'Failed to parse URL from /x', 'Headers.append: "\\n" is an invalid header value.', 'Request with GET/HEAD method cannot have body.',
    "Failed to execute 'fetch' on 'Window': Invalid value", 'RequestInit: duplex option is required when sending a body.',
    'Body is unusable: Body has already been read',
  ])('is a TypeError that says: %s', (message) => {
    expect(isOwnMistake(new TypeError(message))).toBe(true);
  });

  it.each(['ERR_INVALID_URL', 'ERR_INVALID_ARG_TYPE', 'ERR_INVALID_CHAR', 'ERR_UNESCAPED_CHARACTERS', 'ERR_HTTP2_INVALID_PSEUDOHEADER', 'UND_ERR_INVALID_ARG', 'ERR_BAD_OPTION_VALUE'])(
    'is the code %s, also behind another error', (code) => {
      expect(isOwnMistake(coded(code))).toBe(true);
      expect(isOwnMistake(new Error('Connection error.', { cause: coded(code) }))).toBe(true);
    },
  );

  it('is a name that the program has not', () => {
    expect(isOwnMistake(new ReferenceError('x is not defined'))).toBe(true);
  });

  it('is a cancellation that the program wrapped in an error of its own', () => {
    expect(isOwnMistake(new Error('no answer', { cause: new DOMException('left', 'AbortError') }))).toBe(true);
  });

  // Rule 48: an unknown shape is a failure.
  it.each([
    ['a TypeError in unknown words', new TypeError('the dog ate the packets')],
    ['a body that is no JSON', new SyntaxError('Unexpected token < in JSON at position 0')],
    ['an answer that cannot be parsed', coded('HPE_INVALID_CONSTANT')],
    ['a certificate for another name', coded('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['no error at all', 'down'],
    ['nothing', undefined],
  ])('is not %s, which counts', (_what, error) => {
    expect([isOwnMistake(error), isOutage(error)]).toEqual([false, true]);
  });

  it('is not what a client made of a server that refused', () => {
    expect(isOwnMistake(Object.assign(new Error('503', { cause: new TypeError('x is not iterable') }), { status: 503 }))).toBe(false);
  });

  it.each([
    ['a revoked proxy', () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    }],
    ['fields that throw', () => new Proxy(new TypeError('x'), { get: () => { throw new Error('no'); } })],
    ['a name and a message that are no texts', () => Object.assign(new TypeError(), { name: Symbol('x'), message: 7 })],
  ])('is not %s', (_what, make) => {
    expect(isOwnMistake(make())).toBe(false);
  });
});
