import {
  breakerOf, bulkhead, BreakerRegistry, cache, CircuitBreaker, circuitBreaker, ConfigurationError, fallback, hedge, rateLimit, retry, Retry, throttle, timeout,
  Timeout, withBreaker, withPolicies, withRetry, type FindingCode, type Policy, type PolicyOptions,
} from '../../../lib';
import { configure } from '../../../lib/operate';
import { presets } from '../../../lib/presets';
import { FINDING_CODES } from '../../../lib/core/lint-rule';
import { toPolicies } from '../../../lib/protect/policies';
import { scripted, works } from '../../composition/support/flaky';
import { collectWarnings } from '../../registry/support/warnings';
import { reactions } from '../../support/timer-clock';
import { Trace } from '../../support/decorator-fixtures/foreign-decorators';

const INSIDE = 'BREAKER_BOX_RETRY_INSIDE_BREAKER';
const answer = () => 'value';
const isFailure = () => true;

/** For each finding, stacks that have it and no other, and stacks that are near to it and have none. */
const CASES: Readonly<Record<FindingCode, { found: Policy[][]; clean: Policy[][] }>> = {
  BREAKER_BOX_RETRY_INSIDE_BREAKER: {
    found: [[circuitBreaker(), retry()], [retry({ maxAttempts: 1 }), circuitBreaker(), retry()]],
    clean: [[retry(), circuitBreaker()], [circuitBreaker(), retry({ maxAttempts: 1 })]],
  },
  BREAKER_BOX_RETRIES_MULTIPLY: {
    found: [[retry(), retry()], [retry(), timeout('2s'), retry({ maxAttempts: 2 })]],
    clean: [[retry(), retry({ maxAttempts: 1 })], [retry({ maxAttempts: 1 }), retry()]],
  },
  BREAKER_BOX_TIMEOUT_OUTSIDE_RETRY: {
    found: [
      // 1 s and 2 s
      [timeout('2999ms'), retry()],
      [timeout('199ms'), retry({ backoff: 'fixed', baseDelay: 100 })],
      [timeout('299ms'), retry({ backoff: 'linear', baseDelay: 100 })],
      [timeout('199ms'), retry({ backoff: 'decorrelated', baseDelay: 100 })],
      [timeout('299ms'), retry({ backoff: 'adaptive', baseDelay: 100 })],
      [timeout('19s'), retry({ maxDelay: '10s', baseDelay: '10s' })],
      [timeout('1d'), retry({ maxAttempts: 1_000_000_000, backoff: 'fixed' })],
      [timeout('2s'), retry({ maxElapsed: '2001ms' })],
    ],
    clean: [
      [timeout('3s'), retry()],
      [timeout('200ms'), retry({ backoff: 'fixed', baseDelay: 100 })],
      [timeout('300ms'), retry({ backoff: 'linear', baseDelay: 100 })],
      [timeout('20s'), retry({ maxDelay: '10s', baseDelay: '10s' })],
      [timeout('1ms'), retry({ baseDelay: 0 })],
      [timeout('1ms'), retry({ maxAttempts: 1 })],
      [timeout('1ms'), retry({ backoff: () => 1000 })],
      [timeout('1ms'), retry({ maxAttempts: Infinity })],
      [timeout('2s'), retry({ maxElapsed: '2s' })],
      [retry(), timeout('1ms')],
    ],
  },
  BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER: {
    found: [[timeout('1s'), circuitBreaker()], [timeout('2s'), timeout('1s'), circuitBreaker()]],
    clean: [
      [circuitBreaker(), timeout('1s')],
      [timeout('10s'), circuitBreaker(), timeout('1s')],
      [timeout('10s'), retry({ attemptTimeout: '1s' }), circuitBreaker()],
    ],
  },
  BREAKER_BOX_FALLBACK_INSIDE_RETRY: {
    found: [[retry(), fallback(answer)], [retry(), fallback({ use: answer, ignore: TypeError })]],
    clean: [[fallback(answer), retry()], [retry(), fallback({ use: answer, handle: TypeError })]],
  },
  BREAKER_BOX_FALLBACK_INSIDE_BREAKER: {
    found: [[circuitBreaker(), fallback(answer)]],
    clean: [[fallback(answer), circuitBreaker()], [circuitBreaker(), fallback({ use: answer, handle: TypeError })]],
  },
  BREAKER_BOX_FALLBACK_INSIDE_CACHE: {
    found: [[cache('1s'), fallback(answer)]],
    clean: [[fallback(answer), cache('1s')]],
  },
  BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY: {
    found: [[bulkhead(3), retry()]],
    clean: [[retry(), bulkhead(3)], [bulkhead(3), retry({ maxAttempts: 1 })]],
  },
  BREAKER_BOX_RATE_LIMIT_OUTSIDE_RETRY: {
    found: [[rateLimit(3), retry()]],
    clean: [[retry(), rateLimit(3)], [rateLimit(3), retry({ maxAttempts: 1 })]],
  },
  BREAKER_BOX_THROTTLE_OUTSIDE_RETRY: {
    found: [[throttle(), retry()]],
    clean: [[retry(), throttle()], [throttle(), retry({ maxAttempts: 1 })]],
  },
  BREAKER_BOX_CACHE_INSIDE_BREAKER: {
    found: [[circuitBreaker(), cache('1s')]],
    clean: [[cache('1s'), circuitBreaker()]],
  },
  BREAKER_BOX_CACHE_INSIDE_LIMIT: {
    found: [[rateLimit(3), cache('1s')], [throttle(), cache('1s')], [bulkhead(3), cache('1s')]],
    clean: [[cache('1s'), rateLimit(3), throttle(), bulkhead(3)], [retry(), cache('1s')], [timeout('1s'), cache('1s')]],
  },
  BREAKER_BOX_HEDGE_NOT_IDEMPOTENT: {
    found: [[hedge('1s')]],
    clean: [[hedge({ delay: '1s', idempotent: true })], [hedge({ delay: '1s', idempotent: () => true })]],
  },
  BREAKER_BOX_HEDGE_OUTSIDE_RETRY: {
    found: [[hedge({ delay: '1s', idempotent: true }), retry()]],
    clean: [[retry(), hedge({ delay: '1s', idempotent: true })]],
  },
  BREAKER_BOX_HEDGE_AFTER_TIMEOUT: {
    found: [[timeout('1s'), hedge({ delay: '1s', idempotent: true })]],
    clean: [
      [timeout('1s'), hedge({ delay: '999ms', idempotent: true })],
      [timeout('1s'), hedge({ delay: { quantile: 0.95 }, idempotent: true })],
      [hedge({ delay: '1s', idempotent: true }), timeout('1s')],
    ],
  },
  BREAKER_BOX_PRESET_REPLACED: {
    found: [
      spread({ ...presets.http(), retry: { maxAttempts: 4 } }),
      spread({ ...presets.http(), breaker: { failureThreshold: 3, handle: isFailure } }),
      spread({ ...presets.http(), retry: { idempotent: true } }),
      spread({ ...presets.llm(), breaker: {} }),
      spread({ ...presets.database(), retry: {} }),
    ],
    clean: [
      spread(presets.http({ retry: { maxAttempts: 4 }, breaker: { failureThreshold: 3 } })),
      spread({ ...presets.http(), retry: { ...presets.http().retry, maxAttempts: 4 } }),
      spread({ ...presets.http(), retry: { idempotent: true, handle: isFailure, handleResult: isFailure } }),
      spread({ ...presets.http(), timeout: '1s' }),
      spread({ ...presets.http(), retry: undefined }),
      spread({ ...presets.http(), retry: { maxAttempts: 1 } }),
      spread({ ...presets.http(), retry: { idempotent: false } }),
      spread({ ...presets.http(), ...presets.database() }),
      spread({ retry: {}, breaker: {} }),
    ],
  },
};

function spread(policies: PolicyOptions): Policy[] {
  return toPolicies(policies, 'spread');
}

describe('rule 26: building a pipeline warns once about orders that hurt', () => {
  let registry: BreakerRegistry;
  let warnings: ReturnType<typeof collectWarnings>;

  beforeEach(() => {
    registry = new BreakerRegistry();
    warnings = collectWarnings();
  });
  afterEach(() => {
    warnings.stop();
  });

  const fetchUser = () => scripted(works());
  const inRegistry = (policies: readonly Policy[]) =>
    policies.map((policy) => ({ ...policy, given: { ...(policy.given as object), registry } }));
  const codesOf = (policies: readonly Policy[]) => {
    const before = warnings.codes().length;
    withPolicies(fetchUser(), inRegistry(policies));
    return warnings.codes().slice(before);
  };

  describe.each(FINDING_CODES)('%s', (code) => {
    it('is found, and nothing else is', () => {
      for (const policies of CASES[code].found) expect(codesOf(policies)).toEqual([code]);
    });

    it('is not found where nothing hurts', () => {
      for (const policies of CASES[code].clean) expect(codesOf(policies)).toEqual([]);
    });

    it('says what to do, and how to have it so, which silences it', () => {
      const [policies] = CASES[code].found;
      withPolicies(fetchUser(), inRegistry(policies!));
      expect(warnings.messages()).toEqual([expect.stringMatching(new RegExp(`; .+\\. If it is meant, say so: allow: \\['${code}'\\]$`))]);

      for (let at = 0; at < policies!.length; at++) {
        const allowing = policies!.map((policy, index) => (index === at ? { ...policy, given: { ...(policy.given as object), allow: [code] } } : policy));
        expect(codesOf(allowing)).toEqual([]);
      }
    });
  });

  it('not about the canonical order, with all policies there are', () => {
    withPolicies(fetchUser(), {
      registry, chaos: { fault: new Error('drill') }, hedge: { delay: '1s', idempotent: true }, timeout: '2s', bulkhead: 3, rateLimit: 5,
      throttle: {}, breaker: {}, retry: {}, cache: '1s', fallback: answer,
    });
    expect(warnings.codes()).toEqual([]);
  });

  it('about each of several', () => {
    expect(codesOf([bulkhead(3), circuitBreaker(), retry(), fallback(answer)])).toEqual([
      INSIDE, 'BREAKER_BOX_FALLBACK_INSIDE_RETRY', 'BREAKER_BOX_FALLBACK_INSIDE_BREAKER', 'BREAKER_BOX_BULKHEAD_OUTSIDE_RETRY',
    ]);
  });

  it('however the pipeline is written', () => {
    withPolicies(fetchUser(), [circuitBreaker({ registry }), retry()]);
    expect(warnings.codes()).toEqual([INSIDE]);

    withBreaker(withRetry(fetchUser(), { registry }));
    expect(warnings.codes()).toEqual([INSIDE, INSIDE]);
  });

  it('says where', () => {
    const fn = Object.defineProperty(fetchUser(), 'name', { value: 'fetchUser' });
    withPolicies(fn, [circuitBreaker({ registry }), retry()]);
    expect(warnings.messages()).toEqual([
      expect.stringMatching(/^withPolicies\(fetchUser\): the retry is inside the breaker, .*one outcome per call.*put the retry outside\. If it is meant/),
    ]);
  });

  it('not again for its calls, nor for another wrapper around it', async () => {
    const wrapped = withPolicies(fetchUser(), [circuitBreaker({ registry }), retry()]);
    await wrapped();
    await withRetry(wrapped, { maxAttempts: 1 })();
    expect(warnings.codes()).toEqual([INSIDE]);
  });

  it('not about a retry outside a breaker, in any form, nor about one policy alone', () => {
    withPolicies(fetchUser(), [retry(), circuitBreaker({ registry })]);
    withPolicies(fetchUser(), { breaker: {}, retry: {}, registry });
    withRetry(withBreaker(fetchUser(), { registry }));
    withBreaker(fetchUser(), { registry });
    withRetry(fetchUser(), { registry });
    expect(warnings.codes()).toEqual([]);
  });

  describe('allow', () => {
    it('of the object form holds for all its policies', () => {
      withPolicies(fetchUser(), { registry, hedge: '1s', allow: ['BREAKER_BOX_HEDGE_NOT_IDEMPOTENT'] });
      expect(warnings.codes()).toEqual([]);
    });

    it('silences no other finding', () => {
      expect(codesOf([circuitBreaker(), retry({ allow: ['BREAKER_BOX_HEDGE_NOT_IDEMPOTENT'] })])).toEqual([INSIDE]);
    });

    it.each([
      [['BREAKER_BOX_RETRY_INSIDE_BREAKR'], 'no warning has this code; did you mean BREAKER_BOX_RETRY_INSIDE_BREAKER?'],
      [['all'], 'no warning has this code; the codes are BREAKER_BOX_RETRY_INSIDE_BREAKER, '],
      [[null], 'no warning has this code; the codes are '],
      [INSIDE, 'must be a list of codes of warnings'],
      [null, 'must be a list of codes of warnings'],
    ])('refuses %p', (allow, message) => {
      for (const build of [() => withRetry(fetchUser(), { allow } as never), () => withPolicies(fetchUser(), { retry: {}, allow } as never)]) {
        expect(build).toThrow(ConfigurationError);
        expect(build).toThrow(message);
      }
    });

    it('is said where a function is protected, not as a default, nor to a live breaker', () => {
      expect(() => breakerOf('a', undefined, new BreakerRegistry({ defaults: { allow: [INSIDE] } }))).toThrow(ConfigurationError);
      expect(() => {
        configure(registry, '*', { allow: [INSIDE] });
      }).toThrow(ConfigurationError);
    });

    it('may differ where two sites share one operation', () => {
      withBreaker(fetchUser(), { name: 'users.fetch', registry });
      expect(() => withBreaker(fetchUser(), { name: 'users.fetch', registry, allow: [INSIDE] })).not.toThrow();
    });
  });

  describe('stacked decorators', () => {
    it('are judged once, as the whole stack', async () => {
      class Users {
        @CircuitBreaker({ registry })
        @Retry()
        @Timeout('1s')
        async fetch(): Promise<string> {
          return 'value';
        }
      }
      await reactions();
      expect(warnings.codes()).toEqual([INSIDE]);
      expect(warnings.messages()[0]).toMatch(/^@CircuitBreaker on (Users\.)?fetch: the retry is inside the breaker/);
      await new Users().fetch();
      expect(warnings.codes()).toEqual([INSIDE]);
    });

    it('may be allowed by one that comes later', async () => {
      class Users {
        @Timeout({ duration: '10s', allow: [INSIDE, 'BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER'] })
        @CircuitBreaker({ registry })
        @Retry()
        async fetch(): Promise<string> {
          return 'value';
        }
      }
      await reactions();
      await new Users().fetch();
      expect(warnings.codes()).toEqual([]);
    });

    it('are judged together with other people\'s decorators between them', async () => {
      class Users {
        @CircuitBreaker({ registry })
        @Trace([], 'outer')
        @Retry({ registry })
        async fetch(): Promise<string> {
          return 'value';
        }
      }
      await reactions();
      await new Users().fetch();
      expect(warnings.codes()).toEqual([INSIDE]);
    });

    it('of a field are judged with its first instance', async () => {
      class Users {
        @CircuitBreaker({ registry })
        @Retry()
        readonly fetch = async (): Promise<string> => 'value';
      }
      const [users] = [new Users(), new Users()];
      await reactions();
      await users.fetch();
      expect(warnings.codes()).toEqual([INSIDE]);
    });
  });
});

describe('the warning of a hedge that may not be repeated', () => {
  it.each<[string, () => Policy[]]>([
    ['alone', () => [hedge('1s')]],
    ['within a retry', () => [retry(), hedge('1s')]],
  ])('warns of a hedge that may not be repeated, %s', async (_where, policies) => {
    const warnings: string[] = [];
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation((_text, about) => { warnings.push((about as { code: string }).code); });
    withPolicies(async () => 'it', policies() as never);
    await Promise.resolve();
    emit.mockRestore();
    expect(warnings).toContain('BREAKER_BOX_HEDGE_NOT_IDEMPOTENT');
  });
});
