import { Breaker } from '../../lib';
import { httpFailure } from '../../lib/presets';
import { causesOf } from '../../lib/presets/causes';
import { statusOf } from '../../lib/presets/http-failure';

const error = (fields: object = {}, message = 'outer'): Error => Object.assign(new Error(message), fields);

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe('rule 48: the errors in an error', () => {
  it.each(['cause', 'lastError', 'driverError', 'parent', 'original', 'originalError', 'lastNodeError'])('are found in %s', (key) => {
    const inner = error();
    const outer = error({ [key]: inner });
    expect(causesOf(outer)).toEqual([outer, inner]);
  });

  it('are those of an AggregateError, and of an error that keeps one in that place', () => {
    const [one, other] = [error({}, 'one'), error({}, 'other')];
    const aggregate = new AggregateError([one, other]);
    const bulk = error({ errors: one });
    expect(causesOf(aggregate)).toEqual([aggregate, one, other]);
    expect(causesOf(bulk)).toEqual([bulk, one]);
  });

  it('come in the order of their distance, and each once', () => {
    const driver = error({}, 'driver');
    const near = error({ cause: driver }, 'near');
    const outer = error({ parent: driver, original: driver, cause: near });
    expect(causesOf(outer)).toEqual([outer, near, driver]);
  });

  it('end with our own error, whose cause is of another call', async () => {
    const breaker = new Breaker({ name: 'elsewhere', failureThreshold: 1 });
    await breaker.execute(() => Promise.reject(error())).catch(() => undefined);
    const open: unknown = await breaker.execute(() => Promise.resolve()).catch((rejection: unknown) => rejection);
    expect(open).toHaveProperty('cause.message', 'outer');
    const outer = error({ cause: open });
    expect(causesOf(outer)).toEqual([outer, open]);
  });

  it('end in a cycle', () => {
    const one = error();
    const other = error({ cause: one, errors: [one] });
    Object.assign(one, { cause: other });
    expect(causesOf(one)).toEqual([one, other]);
  });

  it('are sixteen at most, however many there are', () => {
    const many = new AggregateError(Array.from({ length: 1000 }, () => error()));
    let chain = error();
    for (let n = 0; n < 1000; n++) chain = error({ cause: chain });
    expect(causesOf(many)).toHaveLength(16);
    expect(causesOf(chain)).toHaveLength(16);
  });

  it.each<[string, unknown]>([
    ['a length that is no length', error({ errors: { length: -3 } })],
    ['a length without an end', error({ errors: { length: Infinity } })],
    ['a length that is no number', error({ errors: { length: NaN } })],
    ['a list that cannot be read', error({ errors: revoked() })],
    ['a text', error({ errors: 'many' })],
  ])('are none of %s', (_what, outer) => {
    expect(causesOf(outer)[0]).toBe(outer);
    expect(causesOf(outer).length).toBeLessThanOrEqual(2);
  });

  it('are read without a throw, whatever they are', () => {
    const hostile = new Proxy(error(), {
      get: () => {
        throw new Error('no');
      },
    });
    expect(causesOf(error({ cause: hostile }))).toHaveLength(2);
    expect(causesOf(revoked())).toHaveLength(1);
    expect(causesOf('text')).toEqual([]);
    expect(causesOf(undefined)).toEqual([]);
  });
});

describe('an error with others in it', () => {
  it('say which status it was: that of the last attempt, where retries were given up', () => {
    const attempts = [error({ statusCode: 503 }), error({ statusCode: 400 })];
    expect(statusOf(error({ errors: attempts, lastError: attempts[1] }))).toBe(400);
  });

  it('are none of a value that is no error, whatever it refers to', () => {
    expect(httpFailure({ id: 7, parent: { status: 503 }, errors: [{ status: 503 }] })).toBe(false);
  });
});

describe('the status of an error', () => {
  it('is none where the answer began well, and broke later', () => {
    expect(statusOf(error({ status: 200 }))).toBeUndefined();
    expect(statusOf(error({ statusCode: 200, cause: error({ status: 503 }) }))).toBe(503);
  });
});
