import { type ConfigurationError, hedge, RetryBudget, withPolicies, type HedgeOptions } from '../../lib';

const fn = async (): Promise<number> => 7;
const issuesOf = (given: unknown): { path: string; message: string }[] => {
  try {
    withPolicies(fn, { hedge: given as HedgeOptions });
  } catch (error) {
    return (error as ConfigurationError).issues.map(({ path, message }) => ({ path, message }));
  }
  return [];
};

// Most of these do not say whether they are idempotent, of which building a pipeline warns.
let warnings: jest.SpyInstance;
beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
});
afterEach(() => {
  warnings.mockRestore();
});

describe('the options of a hedge', () => {
  it.each([['100ms'], [100], [0]])('take a delay in short: %p', (short) => {
    const { pipeline } = withPolicies(fn, { hedge: short as '100ms' });
    expect(pipeline).toMatchObject([{ policy: 'hedge', options: { delay: short === 0 ? 0 : 100, maxHedges: 1 } }]);
  });

  it('have the defaults of the documents', () => {
    const { pipeline } = withPolicies(fn, [hedge({ delay: { quantile: 0.95 } })]);
    expect(pipeline[0]!.options).toEqual({ delay: { quantile: 0.95, minSamples: 20 }, maxHedges: 1 });
  });

  it.each([
    [{}, 'hedge.delay', /required|must be/],
    [{ delay: -1 }, 'hedge.delay', />= 0/],
    [{ delay: 'soon' }, 'hedge.delay', /duration/],
    [{ delay: Infinity }, 'hedge.delay', /duration/],
    [{ delay: null }, 'hedge.delay', /duration/],
    [{ delay: {} }, 'hedge.delay.quantile', /required/],
    [{ delay: { quantile: 0 } }, 'hedge.delay.quantile', /> 0/],
    [{ delay: { quantile: 95 } }, 'hedge.delay.quantile', /<= 1/],
    [{ delay: { quantile: 0.9, minSamples: 0 } }, 'hedge.delay.minSamples', />= 1/],
    [{ delay: { quantile: 0.9, minSamples: 1001 } }, 'hedge.delay.minSamples', /<= 1000/],
    [{ delay: { quantile: 0.9, initial: -5 } }, 'hedge.delay.initial', />= 0/],
    [{ delay: { quantile: 0.9, samples: 5 } }, 'hedge.delay.samples', /unknown option/],
    [{ delay: 1, maxHedges: 0 }, 'hedge.maxHedges', />= 1/],
    [{ delay: 1, maxHedges: 1.5 }, 'hedge.maxHedges', /integer/],
    [{ delay: 1, maxHedges: Infinity }, 'hedge.maxHedges', /integer/],
    [{ delay: 1, idempotent: 'yes' }, 'hedge.idempotent', /true, false/],
    [{ delay: 1, handle: 'Error' }, 'hedge.handle', /error class/],
    [{ delay: 1, budget: { ratio: -1 } }, 'hedge.budget.ratio', />= 0/],
    [{ delay: 1, maxHedge: 2 }, 'hedge.maxHedge', /maxHedges/],
  ])('refuse %j', (given, path, message) => {
    const issues = issuesOf(given);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  });

  it('say what may be given in short', () => {
    expect(issuesOf(null)).toEqual([{ path: 'hedge', message: "must be a duration, such as '2s', or an object of options" }]);
  });

  it('name every problem at once', () => {
    expect(issuesOf({ delay: -1, maxHedges: 0, idempotent: 1 }).map(({ path }) => path)).toEqual(['hedge.delay', 'hedge.maxHedges', 'hedge.idempotent']);
  });

  it('take a budget that is there', () => {
    expect(issuesOf({ delay: 1, budget: new RetryBudget() })).toEqual([]);
  });

  it('refuse a stream, and say why', () => {
    const stream = async function* (): AsyncGenerator<number> {
      yield 1;
    };
    expect(() => withPolicies(stream, { hedge: '100ms' })).toThrow(/a stream cannot be hedged/);
  });
});
