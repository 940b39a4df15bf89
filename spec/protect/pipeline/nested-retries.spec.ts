import {
  breakerOf,
  BreakerRegistry,
  RetryBudget,
  type RetryOptions,
  withBreaker,
  withRetry,
} from '../../../lib';
import { fails, rejectionOf, scripted, works, type Step } from '../../composition/support/flaky';
import { TimerClock } from '../../support/timer-clock';

const AMPLIFICATION = 'BREAKER_BOX_RETRY_AMPLIFICATION';

let clock: TimerClock;
let registry: BreakerRegistry;
let warnings: jest.SpyInstance;

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(() => {
  warnings.mockRestore();
  expect(clock.armed).toBe(0);
});

const told = (): string[] =>
  warnings.mock.calls
    .filter(([, options]: [string, { code?: string }]) => options.code === AMPLIFICATION)
    .map(([message]: [string]) => message);

function retry<F extends (...args: never[]) => Promise<unknown>>(name: string, fn: F, options: RetryOptions = {}) {
  return withRetry(fn, { name, baseDelay: 0, registry, ...options });
}

const rejects = async (call: () => Promise<unknown>): Promise<unknown> => rejectionOf(clock.until(call()));

describe('retries of nested operations', () => {
  it('multiply by default', async () => {
    const fn = scripted(fails());
    const inner = retry('inner', fn);
    await rejects(retry('outer', async () => inner()));
    expect(fn).toHaveBeenCalledTimes(9);
  });

  it('are told of once for each operation, with both names, the attempts so far, and what to do', async () => {
    const inner = retry('inner', scripted(fails()));
    const outer = retry('outer', async () => inner());
    await rejects(outer);
    await rejects(outer);
    expect(told()).toEqual([
      "the retry of 'outer' repeats what a retry of 'inner' inside it had given up: 6 attempts for one call so far; " +
        "give the retry of 'inner' nested: 'suppress', give both one budget, or retry at one layer only",
    ]);

    await rejects(retry('another', async () => inner()));
    expect(told()).toHaveLength(2);
  });

  it('are told of also when they are called after awaits, and wrap the error', async () => {
    const inner = retry('inner', scripted(fails()));
    const outer = retry('outer', async () => {
      await Promise.resolve();
      try {
        return await inner();
      } catch (cause) {
        throw new Error('no page', { cause: new Error('no user', { cause }) });
      }
    });
    await rejects(outer);
    expect(told()).toEqual([expect.stringContaining("a retry of 'inner' inside it had given up: 6 attempts")]);
  });

  it('over three layers are told of at each, with the attempts of the innermost', async () => {
    const third = retry('third', scripted(fails()));
    const second = retry('second', async () => third());
    await rejects(retry('first', async () => second()));
    expect(told()).toEqual([
      expect.stringMatching(/the retry of 'second' repeats what a retry of 'third' .* 6 attempts/),
      expect.stringMatching(/the retry of 'first' repeats what a retry of 'second' .* 18 attempts/),
    ]);
  });

  it('of one pipeline are told of too', async () => {
    await rejects(retry('users.fetch', retry('users.fetch', scripted(fails()))));
    expect(told()).toEqual([
      "the retry of 'users.fetch' repeats what a retry of 'users.fetch' inside it had given up: 6 attempts for one call so far; retry at one layer only",
    ]);
  });

  it.each<[string, RetryOptions, RetryOptions, Step[]]>([
    ['the outer one makes one attempt', { maxAttempts: 1 }, { maxAttempts: 9 }, [fails()]],
    ['the inner one makes one attempt', { maxAttempts: 9 }, { maxAttempts: 1 }, [fails()]],
    ['there are fewer than four attempts', { maxAttempts: 3 }, { maxAttempts: 2, handle: TypeError }, [fails(new TypeError('a')), fails()]],
    ['the inner call works in the end', { maxAttempts: 3 }, { maxAttempts: 9 }, [...Array.from({ length: 8 }, () => fails()), works()]],
  ])('are not told of when %s', async (_why, outerOptions, innerOptions, steps) => {
    const inner = retry('inner', scripted(...steps), innerOptions);
    await clock.until(retry('outer', async () => inner(), outerOptions)().catch(() => undefined));
    expect(told()).toEqual([]);
  });

  it('are not told of when a budget bounds both', async () => {
    const budget = new RetryBudget({ clock });
    const inner = retry('inner', scripted(fails()), { budget });
    await rejects(retry('outer', async () => inner(), { budget }));
    expect(told()).toEqual([]);
  });

  it('are not told of because of an error object that other calls were given up with before', async () => {
    const error = new Error('shared by all');
    await rejects(retry('unrelated', scripted(fails(error)), { maxAttempts: 9 }));
    await rejects(retry('users.fetch', scripted(fails(error)), { maxAttempts: 5 }));
    await rejects(retry('users.fetch', scripted(fails(error)), { maxAttempts: 5 }));
    expect(told()).toEqual([]);
  });
});

describe("nested: 'suppress'", () => {
  const suppressed = (fn: () => Promise<unknown>, options: RetryOptions = {}) =>
    retry('inner', fn, { nested: 'suppress', ...options });

  it('makes one attempt inside another operation’s retried call, also after an await, and all of its own outside', async () => {
    const error = new Error('down');
    const fn = scripted(fails(error));
    const inner = suppressed(fn);
    const outer = retry('outer', async () => {
      await Promise.resolve();
      return inner();
    });
    expect(await rejects(outer)).toBe(error);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(told()).toEqual([]);

    fn.mockClear();
    await rejects(inner);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('sees the outer retry through operations in between', async () => {
    const fn = scripted(fails());
    const inner = suppressed(fn);
    const middle = withBreaker(async () => inner(), { name: 'middle', registry });
    await rejects(retry('outer', async () => breakerOf('execute', undefined, registry).execute(async () => middle())));
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it.each<[string, RetryOptions]>([
    ['has one attempt', { maxAttempts: 1 }],
    ['may not repeat any call', { idempotent: false }],
    ['may not repeat this one', { idempotent: (method: string) => method === 'GET' }],
  ])('retries where the outer retry %s', async (_why, options) => {
    const fn = scripted(fails());
    const inner = suppressed(fn);
    const outer = retry('outer', async (_method: string) => inner(), options);
    await rejects(async () => outer('POST'));
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('retries in the background once the outer call has ended', async () => {
    const fn = scripted(fails());
    const inner = suppressed(fn);
    let goOn = (): void => undefined;
    let left: Promise<unknown> | undefined;
    const outer = retry('outer', async () => {
      left = new Promise<void>((resolve) => { goOn = resolve; }).then(async () => inner());
    });
    await outer();
    goOn();
    await rejectionOf(clock.until(left!));
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('sees the retry around an outer call that has ended', async () => {
    const fn = scripted(fails());
    const inner = suppressed(fn);
    const outermost = retry('outermost', async () => {
      let goOn = (): void => undefined;
      let left: Promise<unknown> | undefined;
      await retry('outer', async () => {
        left = new Promise<void>((resolve) => { goOn = resolve; }).then(async () => inner());
      })();
      goOn();
      return left;
    });
    await rejects(outermost);
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('asks when it fails: a call begun within the outer one retries when that has ended', async () => {
    let fail = (_error: Error): void => undefined;
    const fn = jest.fn(async () => new Promise((_resolve, reject) => { fail = reject; }));
    const inner = suppressed(fn, { maxAttempts: 2 });
    let left: Promise<unknown> | undefined;
    await retry('outer', async () => { left = inner(); })();
    fail(new Error('first'));
    await clock.advance(0);
    expect(fn).toHaveBeenCalledTimes(2);
    fail(new Error('second'));
    await rejectionOf(left!);
  });

  it('of two retries of one pipeline suppresses neither: only another operation’s call is around', async () => {
    const fn = scripted(fails());
    await rejects(retry('one', suppressed(fn, { name: 'one', maxAttempts: 2 }), { maxAttempts: 2 }));
    expect(fn).toHaveBeenCalledTimes(4);
  });

  it('keeps streams retried by their own call', async () => {
    let opened = 0;
    const inner = withRetry(
      async function* () {
        opened++;
        if (opened < 2) throw new Error('down');
        yield opened;
      },
      { name: 'stream', nested: 'suppress', baseDelay: 0, registry },
    );
    const items: unknown[] = [];
    await clock.until((async () => { for await (const item of inner()) items.push(item); })());
    expect(items).toEqual([2]);

    opened = 0;
    const outer = retry('outer', async () => (await inner().next()).value, { maxAttempts: 3 });
    expect(await clock.until(outer())).toBe(2);
    expect(opened).toBe(2);
  });
});
