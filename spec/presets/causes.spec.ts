import { httpFailure } from '../../lib';
import { causesOf } from '../../lib/presets/causes';
import { statusOf } from '../../lib/presets/http-failure';

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);

// Rule 48: clients wrap what they throw.
describe('the errors behind an error', () => {
  it.each(['cause', 'lastError', 'driverError', 'parent', 'original', 'originalError', 'lastNodeError'])('are in its %s, and in those of that', (place) => {
    const innermost = error('innermost');
    const inner = error('inner', { [place]: innermost });
    const outer = error('outer', { [place]: inner });
    expect(causesOf(outer)).toEqual([outer, inner, innermost]);
  });

  it('are those of an AggregateError', () => {
    const [one, two] = [error('one'), error('two')];
    const all = new AggregateError([one, two]);
    expect(causesOf(all)).toEqual([all, one, two]);
  });

  it('are each looked at once, however they refer to each other', () => {
    const [one, two] = [error('one'), error('two')];
    Object.assign(one, { cause: two, errors: [two, one], original: two });
    Object.assign(two, { cause: one });
    expect(causesOf(one)).toEqual([one, two]);
  });

  it('are looked at as far as sixteen, of a million too', () => {
    const many = new AggregateError(Array.from({ length: 1_000_000 }, (_, n) => ({ n })));
    expect(causesOf(many)).toHaveLength(16);
  });

  it('say which status it was: that of the last attempt, where retries were given up', () => {
    const attempts = [error('first', { statusCode: 503 }), error('last', { statusCode: 400 })];
    expect(statusOf(error('given up', { errors: attempts, lastError: attempts[1] }))).toBe(400);
  });

  it('are none of a value that is no error, whatever it refers to', () => {
    expect(httpFailure({ id: 7, parent: { status: 503 }, errors: [{ status: 503 }] })).toBe(false);
  });

  it.each([
    ['a revoked proxy', () => {
      const { proxy, revoke } = Proxy.revocable<object>({}, {});
      revoke();
      return [error('x', { cause: proxy }), [proxy]] as const;
    }],
    ['a list that throws', () => {
      const list = new Proxy([], { get: () => { throw new Error('no'); } });
      return [error('x', { errors: list }), [list]] as const;
    }],
    ['texts and numbers', () => [error('x', { cause: 'text', errors: ['text', 7, null], lastError: 7 }), []] as const],
  ])('may be %s', (_what, make) => {
    const [outer, inner] = make();
    expect(causesOf(outer)).toHaveLength(1 + inner.length);
  });
});

describe('the status of an error', () => {
  it('is none where the answer began well, and broke later', () => {
    expect(statusOf(error('stream has been aborted', { status: 200 }))).toBeUndefined();
    expect(statusOf(error('Failed to process successful response', { statusCode: 200, cause: error('503', { status: 503 }) }))).toBe(503);
  });
});
