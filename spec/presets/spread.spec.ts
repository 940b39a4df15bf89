import { BreakerRegistry, Resilient, withPolicies } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { presets } from '../../lib/presets';
import { collectWarnings } from '../registry/support/warnings';

describe('a preset that is spread, with a policy of it replaced', () => {
  let warnings: ReturnType<typeof collectWarnings>;
  let registry: BreakerRegistry;
  beforeEach(() => {
    warnings = collectWarnings();
    registry = new BreakerRegistry();
  });
  afterEach(() => {
    warnings.stop();
  });

  const pay = async (): Promise<string> => 'paid';

  it('warns once of the options that are lost, and says how to keep them', async () => {
    const call = withPolicies(pay, { name: 'pay', registry, ...presets.http(), retry: { maxAttempts: 4, baseDelay: 1 } });
    await call();
    await call();
    expect(warnings.messages()).toEqual([
      'withPolicies(pay): the retry replaces that of presets.http() with its handle, handleResult, idempotent, maxElapsed, budget, so it ' +
        'repeats calls that must not be, and after failures that do not pass; to keep them, give it as an override: ' +
        "presets.http({ retry: { ... } }). If it is meant, say so: allow: ['BREAKER_BOX_PRESET_REPLACED']",
    ]);
  });

  it('warns of the retry and of the breaker in one', () => {
    withPolicies(pay, { registry, ...presets.database(), retry: {}, breaker: {} });
    expect(warnings.messages()).toEqual([
      expect.stringMatching(/the retry replaces that of presets\.database\(\) with its handle, .*; the breaker replaces that of presets\.database\(\) with its handle, ignore, /),
    ]);
  });

  it('warns of a decorator, too', async () => {
    class Payments {
      @Resilient({ registry, ...presets.http(), breaker: { failureThreshold: 3 } })
      async pay(): Promise<void> {}
    }
    await new Payments().pay();
    expect(warnings.messages()).toEqual([expect.stringMatching(/^@Resilient on .*pay: the breaker replaces that of presets\.http\(\) with its handle, ignore, handleResult, /)]);
  });

  it('loses nothing in fetchWith, which fills in what decides', () => {
    fetchWith({ registry, ...presets.http(), retry: { maxAttempts: 4 }, breaker: { failureThreshold: 3 } });
    expect(warnings.messages()).toEqual([]);
  });
});
