import { breakerOf, BreakerRegistry, OperationConflictError, withBreaker } from '../../lib';
import { placeOf } from '../../lib/registry/place';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry();
});

describe('what is remembered of places', () => {
  /** Calls by one of very many ways. */
  function by(path: number, act: () => unknown, depth = 9): unknown {
    if (depth === 0) return act();
    return path % 2 === 0 ? by(path >> 1, act, depth - 1) : other(path >> 1, act, depth - 1);
  }
  const other: typeof by = (path, act, depth) => by(path, act, depth);

  it('is nothing for a breaker that is asked for once more, with options that agree: the stack is not looked at', () => {
    breakerOf('api', { failureThreshold: 3 }, registry);
    const capture = jest.spyOn(Error, 'captureStackTrace');
    for (let n = 0; n < 500; n++) by(n, () => breakerOf('api', { failureThreshold: 3 }, registry));
    expect(capture).not.toHaveBeenCalled();
    expect(() => breakerOf('api', { failureThreshold: 4 }, registry)).toThrow(OperationConflictError);
    expect(capture).toHaveBeenCalled();
    capture.mockRestore();
    expect(registry.table.get('api')!.places!.size).toBe(1);
  });

  it('is one place for a wrapper that is made again and again, however it is reached', () => {
    for (let n = 0; n < 500; n++) by(n, () => withBreaker(async () => n, { name: 'pay', registry }));
    expect(registry.table.get('pay')!.places!.size).toBe(1);
  });

  it('is one object for the many operations that one place makes', () => {
    const here = (): unknown => placeOf(here);
    const places = Array.from({ length: 3 }, () => here());
    const elsewhere = here();
    expect(new Set(places).size).toBe(1);
    expect(elsewhere).not.toBe(places[0]);
  });

  it('is the last 64 of ever new ones', () => {
    const load = (n: number, failureThreshold: number): unknown =>
      new Function('withBreaker', 'options', `withBreaker(async () => {}, options);\n//# sourceURL=https://app.test/${n}.js`)(withBreaker, { name: 'pay', registry, failureThreshold });
    for (let n = 0; n < 200; n++) load(n, 1);
    expect(registry.table.get('pay')!.places!.size).toBe(64);
    expect(() => load(200, 2)).toThrow(/failureThreshold: 1 at \S+136\.js/);
  });
});
