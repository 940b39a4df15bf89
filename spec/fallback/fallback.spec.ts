import {
  BreakerRegistry, circuitBreaker, CircuitOpenError, ConfigurationError, currentCall, fallback, retry, timeout, withPolicies, withRegistry,
  type FallbackEvent, type FallbackOptions,
} from '../../lib';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { reactions, TimerClock } from '../support/timer-clock';

class HttpError extends Error {}
class GoneError extends HttpError {}

const down = new HttpError('down');

describe('a fallback', () => {
  let registry: BreakerRegistry;
  beforeEach(() => {
    registry = new BreakerRegistry();
  });

  const protect = (fn: (...args: unknown[]) => Promise<unknown>, given: FallbackOptions) => withPolicies(fn, [fallback({ registry, ...given })]);

  it('is not asked while the function works', async () => {
    const use = jest.fn();
    expect(await protect(scripted(works('it')), { use })()).toBe('it');
    expect(use).not.toHaveBeenCalled();
  });

  it('answers with the error and the arguments, as they were given, and with the receiver as `this`', async () => {
    const use = jest.fn(function (this: unknown, _error: unknown, ..._args: unknown[]) {
      return this;
    });
    const self = {};
    expect(await protect(scripted(fails(down)), { use }).call(self, 'a', 2)).toBe(self);
    expect(use.mock.calls).toEqual([[down, 'a', 2]]);
  });

  it('answers in place of a function that throws at once', async () => {
    const broken = () => {
      throw down;
    };
    expect(await protect(broken, { use: () => 'answer' })()).toBe('answer');
  });

  it('may answer later', async () => {
    expect(await protect(scripted(fails()), { use: async () => Promise.resolve('later') })()).toBe('later');
  });

  it.each([
    ['throws', () => { throw down; }],
    ['rejects with', async () => Promise.reject(down)],
  ])('that %s an error of its own: the call rejects with it', async (_how, use) => {
    expect(await rejectionOf(protect(scripted(fails(new Error('first'))), { use })())).toBe(down);
  });

  it('answers every error by default, an open circuit too', async () => {
    const errors: unknown[] = [];
    const wrapped = withPolicies(scripted(fails(down)), {
      registry, breaker: { failureThreshold: 1 }, fallback: (error) => void errors.push(error),
    });
    await wrapped();
    await wrapped();
    expect(errors).toEqual([down, expect.any(CircuitOpenError)]);
    expect(wrapped.breaker!.stats).toMatchObject({ failures: 1, rejected: 1 });
  });

  it('answers outside the breaker that counts for who asks for none: the failure is counted, the answer is not', async () => {
    const wrapped = protect(scripted(fails(down)), { use: () => 'answer' });
    await wrapped();
    expect(wrapped.breaker!.stats).toMatchObject({ calls: 1, failures: 1, successes: 0 });
  });

  it('takes what the breaker counted for a matter of its own: the call that was answered counts as nothing', async () => {
    const calls: unknown[] = [];
    registry.on('call', ({ outcome, counted, state }) => calls.push({ outcome, counted, state }));
    await protect(scripted(fails(down)), { use: () => 'answer' })();
    expect(calls).toEqual([{ outcome: 'success', counted: undefined, state: 'closed' }]);
  });

  it('is asked once for a call, after the last attempt', async () => {
    const clock = new TimerClock();
    const use = jest.fn(() => 'answer');
    const fn = scripted(fails(down));
    const wrapped = withPolicies(fn, { registry, clock, retry: { maxAttempts: 3 }, fallback: use });
    expect(await clock.until(wrapped())).toBe('answer');
    expect(fn).toHaveBeenCalledTimes(3);
    expect(use).toHaveBeenCalledTimes(1);
  });

  it('does not see what its caller does with the result', async () => {
    const use = jest.fn();
    const result = protect(scripted(works()), { use })().then(() => {
      throw down;
    });
    expect(await rejectionOf(result)).toBe(down);
    expect(use).not.toHaveBeenCalled();
  });

  describe('handle and ignore', () => {
    const other = new TypeError('wrong');
    const cases: [string, Partial<FallbackOptions>, unknown[], unknown[]][] = [
      ['a class', { handle: HttpError }, [down, new GoneError()], [other]],
      ['a list', { handle: [GoneError, TypeError] }, [new GoneError(), other], [down]],
      ['a predicate', { handle: (error) => error === down }, [down], [other]],
      ['what is ignored', { ignore: HttpError }, [other], [down, new GoneError()]],
      ['what is ignored of what is handled', { handle: HttpError, ignore: GoneError }, [down], [new GoneError(), other]],
      ['a predicate that throws counts as true', { handle: () => { throw other; } }, [down], []],
      ['a predicate of ignore that throws counts as false', { ignore: () => { throw other; } }, [down], []],
    ];
    it.each([['handle'], ['ignore']])('%s that throws is reported by its name, and nobody else', async (role) => {
      const warnings = collectWarnings();
      const thrower = () => { throw other; };
      await protect(scripted(fails(down)), { use: () => 'answer', [role]: thrower })();
      expect(warnings.messages()).toEqual([expect.stringContaining(`'${role}' threw`)]);
      warnings.stop();
    });

    it.each(cases)('choose by %s', async (_what, matchers, answered, passed) => {
      const warnings = collectWarnings();
      for (const error of answered) expect(await protect(scripted(fails(error)), { use: () => 'answer', ...matchers })()).toBe('answer');
      for (const error of passed) expect(await rejectionOf(protect(scripted(fails(error)), { use: () => 'answer', ...matchers })())).toBe(error);
      warnings.stop();
    });
  });

  describe('aborts', () => {
    it('by an AbortError of the function go to the caller, unless handle asks for them', async () => {
      const abort = new DOMException('left', 'AbortError');
      const use = jest.fn(() => 'answer');
      expect(await rejectionOf(protect(scripted(fails(abort)), { use })())).toBe(abort);
      expect(use).not.toHaveBeenCalled();
      expect(await protect(scripted(fails(abort)), { use, handle: () => true })()).toBe('answer');
    });

    it.each([['before: nothing runs', true], ['during: nobody waits for an answer', false]])('by the call around it, %s', async (_when, isBefore) => {
      const controller = new AbortController();
      const reason = new Error('the user left');
      const use = jest.fn(() => 'answer');
      const fn = pending();
      const inner = protect(fn, { use, handle: () => true });
      const outer = withPolicies(async () => undefined, { name: 'outer', registry, breaker: {} }).breaker!;
      let call: Promise<unknown> | undefined;
      const around = outer.execute(
        async () => {
          if (isBefore) controller.abort(reason);
          call = inner();
          return call;
        },
        { signal: controller.signal },
      );
      controller.abort(reason);
      expect(fn.calls).toHaveLength(isBefore ? 0 : 1);
      fn.calls[0]?.reject(down);
      await rejectionOf(around);
      expect(await rejectionOf(call!)).toBe(reason);
      expect(use).not.toHaveBeenCalled();
    });

    it('by a timeout around it: it is not asked', async () => {
      const clock = new TimerClock();
      const use = jest.fn(() => 'answer');
      const fn = pending();
      const call = withPolicies(fn, [timeout({ duration: 100, registry, clock }), fallback(use)])();
      expect(await rejectionOf(clock.until(call))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
      fn.calls[0]!.reject(down);
      await reactions();
      expect(use).not.toHaveBeenCalled();
      expect(clock.armed).toBe(0);
    });

    it('by a timeout inside it are answered', async () => {
      const clock = new TimerClock();
      const wrapped = withPolicies(pending(), { registry, clock, timeout: 100, fallback: (error) => (error as { code: string }).code });
      expect(await clock.until(wrapped())).toBe('BREAKER_TIMEOUT');
      expect(clock.armed).toBe(0);
    });
  });

  it('runs inside the call: what it calls knows operation and deadline', async () => {
    const clock = new TimerClock();
    const seen: unknown[] = [];
    const wrapped = withPolicies(scripted(fails(down)), [
      timeout({ duration: 100, registry, clock, name: 'charge' }),
      fallback(() => void seen.push(currentCall()?.operation, currentCall()?.deadline)),
    ]);
    await wrapped();
    expect(seen).toEqual(['charge', 100]);
    expect(currentCall()).toBeUndefined();
  });

  it('tells listeners of the call that got an answer, and of no other', async () => {
    const events: FallbackEvent[] = [];
    const clock = new TimerClock(1_000);
    registry.on('fallback', (event) => events.push(event));
    registry.on('call', () => undefined);
    const wrapped = withPolicies(scripted(works(), fails(down), fails(new TypeError())), {
      name: 'charge', registry, clock, fallback: { use: () => 'answer', handle: HttpError },
    });
    await wrapped();
    await wrapped();
    await rejectionOf(wrapped());
    expect(events).toEqual([{ type: 'fallback', operation: 'charge', callId: expect.any(Number) as number, attempt: 1, at: 1_000, error: down }]);
  });

  it('passes on what an inner circuit says about a retry', async () => {
    const clock = new TimerClock();
    const fn = scripted(fails(down));
    const wrapped = withPolicies(fn, [
      retry({ registry, clock, allow: ['BREAKER_BOX_FALLBACK_INSIDE_RETRY'] }),
      fallback({ use: () => 'answer', handle: TypeError }),
      circuitBreaker({ failureThreshold: 1 }),
    ]);
    expect(await rejectionOf(wrapped())).toBe(down);
    expect([fn.mock.calls.length, clock.delays.length]).toEqual([1, 0]);
  });

  it('works in every registry', async () => {
    const wrapped = withPolicies(scripted(fails(down)), { fallback: () => 'answer' });
    for (const box of [new BreakerRegistry(), new BreakerRegistry()]) {
      expect(await withRegistry(box, () => wrapped())).toBe('answer');
    }
  });

  describe('of a stream', () => {
    const streamOf = (script: unknown[], use: FallbackOptions['use'], given: Partial<FallbackOptions> = {}) =>
      withPolicies(
        async function* (_count: number): AsyncGenerator<unknown> {
          for (const step of script) {
            if (step instanceof Error) throw step;
            yield step;
          }
        },
        { registry, fallback: { use, ...given } },
      );
    const collect = async (stream: AsyncIterable<unknown>): Promise<unknown[]> => {
      const items: unknown[] = [];
      for await (const item of stream) items.push(item);
      return items;
    };

    it('gives its items in place of a stream that failed before its first one', async () => {
      const use = async function* (error: unknown, count: number): AsyncGenerator<unknown> {
        yield error;
        yield count;
      };
      expect(await collect(streamOf([down], use)(3))).toEqual([down, 3]);
    });

    it('is not asked after an item was given: the error goes through', async () => {
      const use = jest.fn();
      const stream = streamOf(['a', down], use)(3);
      expect(await stream.next()).toEqual({ done: false, value: 'a' });
      expect(await rejectionOf(stream.next())).toBe(down);
      expect(use).not.toHaveBeenCalled();
    });

    it('that ends without an item works', async () => {
      const use = jest.fn();
      expect(await collect(streamOf([], use)(3))).toEqual([]);
      expect(use).not.toHaveBeenCalled();
    });

    it('that fails itself, at once or later: the consumer gets its error', async () => {
      const other = new TypeError('none either');
      for (const items of [[], ['a']]) {
        const use = async function* (): AsyncGenerator<unknown> {
          yield* items;
          throw other;
        };
        expect(await rejectionOf(collect(streamOf([down], use)(3)))).toBe(other);
      }
    });

    it('is closed when the consumer leaves', async () => {
      let closed = 0;
      const use = async function* (): AsyncGenerator<unknown> {
        try {
          yield 'a';
          yield 'b';
        } finally {
          closed++;
        }
      };
      for await (const item of streamOf([down], use)(3)) {
        expect(item).toBe('a');
        break;
      }
      expect(closed).toBe(1);
    });

    it.each<[FallbackOptions['use']]>([[() => 5], [() => undefined], [async () => Promise.reject(down)]])('rejects, in words, when it gives no stream: %p', async (use) => {
      const error = await rejectionOf(collect(streamOf([down], use)(3)));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect((error as Error).message).toContain('use of the fallback: must give an async iterable');
      await reactions();
    });
  });

  describe('bad input', () => {
    const build = (given: unknown) => () => withPolicies(scripted(works()), { registry, fallback: given } as never);
    it.each<[unknown, string]>([
      [{}, 'fallback.use: is required'],
      [{ use: 5 }, 'fallback.use: must be a function (error, ...args) => the answer'],
      [{ use: HttpError }, 'fallback.use: must be a function (error, ...args) => the answer'],
      [HttpError, 'fallback.use: must be a function (error, ...args) => the answer'],
      [{ use: () => 1, handle: 'HttpError' }, 'fallback.handle: must be an error class'],
      [{ use: () => 1, ignore: [] }, 'fallback.ignore: must be an error class'],
      [{ uses: () => 1 }, 'fallback.uses: unknown option; did you mean use?'],
      ['answer', 'fallback: must be a function (error, ...args) => the answer, or an object of options'],
      [null, 'fallback: must be a function (error, ...args) => the answer, or an object of options'],
    ])('%p is refused: %s', (given, message) => {
      expect(build(given)).toThrow(ConfigurationError);
      expect(build(given)).toThrow(message);
      expect(registry.names()).toEqual([]);
    });
  });
});
