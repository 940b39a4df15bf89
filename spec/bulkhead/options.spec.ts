import { bulkhead, Bulkhead, BreakerRegistry, ConfigurationError, getPolicies, withPolicies } from '../../lib';

function problemsOf(given: unknown): { path: string; message: string }[] {
  try {
    withPolicies(async () => 'it', { bulkhead: given as never, registry: new BreakerRegistry() });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).issues.map(({ path, message }) => ({ path: path.replace(/^bulkhead\.?/, ''), message }));
  }
  throw new Error('was accepted');
}

const resolved = (given: never): unknown =>
  withPolicies(async () => 'it', { bulkhead: given, registry: new BreakerRegistry() }).pipeline[0]!.options;

describe('the options of a bulkhead', () => {
  it.each<[unknown, string[]]>([
    [0, ['maxConcurrent']],
    [1.5, ['maxConcurrent']],
    [NaN, ['maxConcurrent']],
    [Infinity, ['maxConcurrent']],
    ['20', ['']],
    [null, ['']],
    [{}, ['maxConcurrent']],
    [{ maxConcurrent: 2, maxQueue: -1 }, ['maxQueue']],
    [{ maxConcurrent: 2, maxQueue: 0.5 }, ['maxQueue']],
    [{ maxConcurrent: 2, maxQueue: null }, ['maxQueue']],
    [{ maxConcurrent: 2, maxQueue: 1, maxWait: 0 }, ['maxWait']],
    [{ maxConcurrent: 2, maxQueue: 1, maxWait: '1 week' }, ['maxWait']],
    [{ maxConcurrent: 2, maxWait: '1s' }, ['maxWait']],
    [{ maxConcurrent: 2, maxQueue: 0, maxWait: '1s' }, ['maxWait']],
    [{ maxConcurrent: 2, key: 'host' }, ['key']],
    [{ maxConcurrent: 2, maxKeys: 0 }, ['maxKeys']],
    [{ maxConcurrent: 2, adaptive: 'vegas' }, ['adaptive']],
    [{ maxConcurrent: 2, adaptive: true }, ['adaptive']],
    [{ maxConcurrent: 2, adaptive: null }, ['adaptive']],
    [{ maxConcurrent: 2, adaptive: {} }, ['adaptive']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', backoffRatio: 1 } }, ['adaptive.backoffRatio']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', backoffRatio: 0.4 } }, ['adaptive.backoffRatio']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', slowCallDuration: 0 } }, ['adaptive.slowCallDuration']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', tolerance: 2 } }, ['adaptive.tolerance']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'gradient', tolerance: 0.9 } }, ['adaptive.tolerance']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'gradient', smoothing: 0 } }, ['adaptive.smoothing']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'gradient', queueSize: -1 } }, ['adaptive.queueSize']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'gradient', initialLimit: 10 } }, ['adaptive.initialLimit']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', minLimit: 10 } }, ['adaptive.minLimit']],
    [{ maxConcurrent: 9, adaptive: { algorithm: 'aimd', minLimit: 5, initialLimit: 4 } }, ['adaptive.initialLimit']],
    [{ maxConcurrent: 0, maxQueue: -1, maxWait: -1, adaptive: { algorithm: 'aimd', minLimit: 0, handle: 1 } },
      ['maxConcurrent', 'maxQueue', 'maxWait', 'adaptive.minLimit', 'adaptive.handle']],
  ])('refuse %p, naming every problem', (given, paths) => {
    expect(problemsOf(given).map(({ path }) => path).sort()).toEqual([...paths].sort());
  });

  it('suggest a name for one that is unknown', () => {
    expect(problemsOf({ maxConcurent: 3, maxConcurrent: 3 })).toMatchObject([{ path: 'maxConcurent', message: expect.stringContaining('maxConcurrent') as string }]);
  });

  it('have defaults', () => {
    expect(resolved(20 as never)).toEqual({ registry: expect.anything() as unknown, maxConcurrent: 20, maxQueue: 0, maxKeys: 1000 });
    expect(resolved({ maxConcurrent: 1, maxQueue: undefined, maxWait: undefined, adaptive: undefined } as never)).toMatchObject({ maxQueue: 0 });
    expect(resolved({ maxConcurrent: 1, maxQueue: Infinity, maxWait: '1s' } as never)).toMatchObject({ maxQueue: Infinity, maxWait: 1000 });
  });

  it('take the name of an algorithm for all its defaults', () => {
    expect(resolved({ maxConcurrent: 30, adaptive: 'aimd' } as never)).toMatchObject({
      adaptive: { algorithm: 'aimd', minLimit: 1, backoffRatio: 0.9 },
    });
    expect(resolved({ maxConcurrent: 30, adaptive: 'gradient' } as never)).toMatchObject({
      adaptive: { algorithm: 'gradient', minLimit: 1, tolerance: 1.05, smoothing: 0.2 },
    });
  });

  it('start an adaptive limit at 20, or the nearest to it that its bounds allow', () => {
    const running = (maxConcurrent: number, minLimit?: number): number => {
      let count = 0;
      const wrapped = withPolicies(
        async () => {
          count++;
          await new Promise(() => {
            // never ends
          });
        },
        { registry: new BreakerRegistry(), bulkhead: { maxConcurrent, adaptive: { algorithm: 'aimd', minLimit } } },
      );
      for (let call = 0; call < 60; call++) wrapped().catch(() => undefined);
      return count;
    };
    expect([running(50), running(7), running(50, 30)]).toEqual([20, 7, 30]);
  });

  it('are checked when a decorator is applied, and never bare', () => {
    const declare = (decorator: (...args: never[]) => void) => () => {
      class Users {
        @(decorator as any)
        async fetch(): Promise<string> {
          return 'it';
        }
      }
      return Users;
    };
    expect(() => Bulkhead(0)).not.toThrow();
    expect(declare(Bulkhead(0))).toThrow(/@Bulkhead on .*fetch/);
    expect(declare(Bulkhead as never)).toThrow(/must be called with its options/);
  });

  it('are the same in the array form, and are shown by getPolicies', () => {
    const wrapped = withPolicies(async () => 'it', [bulkhead({ maxConcurrent: 3, maxQueue: 1 })]);
    expect(getPolicies(wrapped)).toEqual([{ policy: 'bulkhead', options: { maxConcurrent: 3, maxQueue: 1, maxKeys: 1000 } }]);
  });
});
