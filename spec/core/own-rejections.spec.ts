import { BreakerRegistry, withPolicies, withRetry } from '../../lib';
import { ask } from '../../lib/core/outcome';
import { reportThrow } from '../../lib/core/warn';
import { pending, rejectionOf } from '../composition/support/flaky';
import { ManualClock } from '../support/manual-clock';

describe('a call that a policy did not let run', () => {
  it.each<[string, object, string]>([
    ['an open circuit', { breaker: {} }, 'BREAKER_OPEN'],
    ['a full bulkhead', { bulkhead: { maxConcurrent: 1, maxQueue: 0 } }, 'BREAKER_BULKHEAD_FULL'],
    ['a rate limit', { rateLimit: { limit: 1, interval: '1h' } }, 'BREAKER_RATE_LIMITED'],
  ])('is told as rejected: by %s', async (_which, options, code) => {
    const registry = new BreakerRegistry({ clock: new ManualClock() });
    const fn = pending();
    const call = withPolicies(fn, { registry, name: 'op', ...options });
    const outcomes: unknown[] = [];
    registry.on('call', ({ outcome }) => outcomes.push(outcome));
    const first = call();
    if (code === 'BREAKER_OPEN') registry.trip('op');
    expect(await rejectionOf(call())).toMatchObject({ code });
    expect(outcomes).toEqual(['rejected']);
    fn.calls[0]!.resolve('it');
    await first;
    expect(outcomes).toEqual(['rejected', 'success']);
  });

  it('is told as rejected: by a throttle', async () => {
    const registry = new BreakerRegistry({ clock: new ManualClock(), random: () => 0 });
    const call = withPolicies(async () => { throw new Error('down'); }, { registry, name: 'op', throttle: {} });
    const outcomes = new Set<unknown>();
    registry.on('call', ({ outcome, error }) => outcomes.add(`${outcome} ${(error as { code?: string }).code ?? ''}`));
    for (let n = 0; n < 200; n++) await rejectionOf(call());
    expect([...outcomes]).toEqual(['failure ', 'rejected BREAKER_THROTTLED']);
  });
});

describe('what is told of a user’s function', () => {
  const warnings = (act: () => void): unknown[] => {
    const told: unknown[] = [];
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation((text, about) => { told.push([text, about]); });
    act();
    emit.mockRestore();
    return told;
  };

  it('that throws: where, with its stack or what there is', () => {
    const error = new Error('mine');
    expect(warnings(() => {
      reportThrow(() => 1, 'The listener', error);
      reportThrow(() => 2, 'The listener', 'a text');
      reportThrow(() => 3, 'The listener', { stack: 5 });
    })).toEqual([error.stack, 'a text', '[object Object]'].map((detail) => [
      'The listener threw; its throw was contained', { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail },
    ]));
  });

  it('that answers a question with a promise: once', () => {
    const later = (() => Promise.reject(new Error('ignored'))) as never;
    const told = warnings(() => {
      expect([ask(later, 'handle', 1, true), ask(later, 'handle', 1, false)]).toEqual([true, false]);
    });
    expect(told).toEqual([["The predicate 'handle' returned a promise; it must answer at once", { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail: undefined }]]);
  });
});

describe('what is said of options', () => {
  const messageOf = (options: object): string => {
    try {
      withRetry(async () => 'it', options);
      return 'nothing';
    } catch (error) {
      return (error as Error).message.replace(/^.*?: /, '');
    }
  };

  it.each<[string, object, string]>([
    ['inherited ones', Object.create({ maxAttempts: 2, baseDelay: 1 }) as object, 'must have its options itself, in a plain object; it inherits or hides maxAttempts, baseDelay; received {}'],
    ['a hidden one', Object.defineProperty({}, 'maxAttempts', { value: 2 }), 'must have its options itself, in a plain object; it inherits or hides maxAttempts; received {}'],
    ['a name that is nearly right', { maxAttempt: 2 }, 'maxAttempt: unknown option; did you mean maxAttempts?; received 2'],
    ['a duration with a wrong unit', { baseDelay: '1.5w' }, "baseDelay: must be a duration: milliseconds, or a text such as '1.5s'; received '1.5w'"],
  ])('%s', (_what, options, message) => {
    if (message.startsWith('baseDelay')) expect(messageOf(options)).toMatch(/^baseDelay: must be .*; received '1\.5w'$/);
    else expect(messageOf(options)).toBe(message);
  });

  it.each([['1.25s', 1250], ['0.125s', 125], ['10.5ms', 10.5], ['1d', 86_400_000]])('a duration of %s has %d ms', (baseDelay, ms) => {
    const call = withRetry(async () => 'it', { registry: new BreakerRegistry(), baseDelay: baseDelay as '1s', maxDelay: '2d' });
    expect(call.pipeline[0]!.options).toMatchObject({ baseDelay: ms });
  });
});
