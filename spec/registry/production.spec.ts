import type * as BreakerBox from '../../lib';

/** A browser's production build, in which `__DEV__` is false. */
const load = (): typeof BreakerBox => {
  let loaded!: typeof BreakerBox;
  jest.isolateModules(() => {
    loaded = require('../../lib') as typeof BreakerBox;
  });
  return loaded;
};

describe('a registry of a production build', () => {
  const globals = globalThis as { __DEV__?: boolean };
  beforeEach(() => { globals.__DEV__ = false; });
  afterEach(() => { globals.__DEV__ = true; });

  it('refuses a second site of a name whose options differ, with class and code', () => {
    const { BreakerRegistry, OperationConflictError, withBreaker } = load();
    const registry = new BreakerRegistry();
    const share = (failureThreshold: number) => withBreaker(async () => undefined, { name: 'shared', failureThreshold, registry });
    const first = share(2);
    expect(share(2).breaker).toBe(first.breaker);
    expect(() => share(3)).toThrow(OperationConflictError);
    expect(() => share(3)).toThrow(expect.objectContaining({ code: 'BREAKER_CONFLICT', operation: 'shared' }));
  });

  it('knows no places: functions of two sites agree by their source text', () => {
    const { BreakerRegistry, withBreaker } = load();
    const registry = new BreakerRegistry();
    const share = () => withBreaker(async () => undefined, { name: 'shared', ignore: (error) => error === undefined, registry });
    expect(share().breaker).toBe(share().breaker);
  });

  it('numbers derived names as any other does', () => {
    const { BreakerRegistry, withBreaker } = load();
    const registry = new BreakerRegistry();
    const held = [1, 2].map(() => withBreaker(async function loadVideo() {}, { registry }));
    expect(held.map(({ operation }) => operation)).toEqual(['loadVideo', 'loadVideo#2']);
  });
});
