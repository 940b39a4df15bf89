import { attemptsOf, BreakerRegistry, ConfigurationError, withPolicies, withRetry, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

function operation(given: RetryOptions, ...steps: ReturnType<typeof fails>[]) {
  const clock = new TimerClock();
  const fn = scripted(...steps);
  const call = withRetry(fn, { clock, baseDelay: 0, ...given });
  return { fn, clock, call: (...args: unknown[]) => clock.until(call(...args)) };
}

describe('idempotent', () => {
  it.each([
    [undefined, 3],
    [true, 3],
    [false, 1],
  ])('of %p allows %i attempts', async (idempotent, attempts) => {
    const error = new Error('down');
    const { fn, call } = operation({ idempotent }, fails(error));
    expect(await rejectionOf(call())).toBe(error);
    expect(fn).toHaveBeenCalledTimes(attempts);
    expect(attemptsOf(error)).toBe(attempts);
  });

  it('is asked with the arguments of the call, only after a failure', async () => {
    const idempotent = jest.fn((method: string, _body?: string) => method === 'GET');
    const { fn, call } = operation({ idempotent }, works(), fails(), works('again'), fails());
    await call('GET');
    expect(idempotent).not.toHaveBeenCalled();

    expect(await call('GET', 'body')).toBe('again');
    expect(idempotent.mock.calls).toEqual([['GET', 'body']]);

    await rejectionOf(call('POST'));
    expect(idempotent).toHaveBeenLastCalledWith('POST');
    expect(fn).toHaveBeenCalledTimes(4);
  });

  it('decides about refused values too: what may not be tried again is the result', async () => {
    const handleResult = (value: unknown): boolean => value === 'bad';
    const { fn, call } = operation({ idempotent: false, handleResult }, works('bad'), works('good'));
    expect(await call()).toBe('bad');
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('waits for no delay and withdraws nothing where it says no', async () => {
    const { clock, call } = operation({ idempotent: () => false, baseDelay: 100 }, fails());
    await rejectionOf(call());
    expect(clock.delays).toEqual([]);
  });

  it('does not keep a first attempt from waiting for its circuit: that repeats nothing', async () => {
    const clock = new TimerClock();
    const fn = scripted(fails());
    const call = withPolicies(fn, {
      name: 'waits', registry: new BreakerRegistry({ clock }), breaker: { recoveryTimeout: 500 },
      retry: { idempotent: false, waitForCircuit: true, maxElapsed: '1m', baseDelay: 10, jitter: false },
    });
    call.breaker!.trip();
    await rejectionOf(clock.until(call()));
    expect(fn).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(500);
    expect(clock.armed).toBe(0);
  });

  it.each([
    ['throws', (): boolean => { throw new TypeError('predicate'); }, 'threw; its throw was contained'],
    ['gives a promise', (async () => true) as unknown as () => boolean, 'returned a promise; it must answer at once. Until it does, no call is repeated'],
  ])('rule 3: counts as no when it %s, with one warning', async (_how, idempotent, what) => {
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const error = new Error('down');
    const { fn, call } = operation({ idempotent }, fails(error));
    expect(await rejectionOf(call())).toBe(error);
    expect(await rejectionOf(call())).toBe(error);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(warnings).toHaveBeenCalledWith(`The predicate 'idempotent' ${what}`, expect.anything());
    warnings.mockRestore();
  });

  it.each([null, 'GET', 1])('refuses %p', (idempotent) => {
    expect(() => withRetry(scripted(works()), { idempotent: idempotent as never })).toThrow(ConfigurationError);
  });
});

describe('the value of a retry notice', () => {
  it('is the one that handleResult refused; absent after an error', async () => {
    const onRetry = jest.fn();
    const handleResult = (value: unknown): boolean => value !== 'good';
    const error = new Error('down');
    const { call } = operation({ onRetry, handleResult, name: 'values', maxAttempts: 4 }, works('bad'), fails(error), { value: undefined }, works('good'));
    expect(await call()).toBe('good');
    expect(onRetry.mock.calls.map(([notice]: [object]) => notice)).toStrictEqual([
      { attempt: 1, delay: 0, error: undefined, value: 'bad', operation: 'values' },
      { attempt: 2, delay: 0, error, operation: 'values' },
      { attempt: 3, delay: 0, error: undefined, value: undefined, operation: 'values' },
    ]);
  });

  it('is told of every value but the one that is the result', async () => {
    const bodies: unknown[] = [];
    const { call } = operation(
      { onRetry: ({ value }) => void bodies.push(value), handleResult: () => true },
      works('first'), works('second'), works('third'),
    );
    expect(await call()).toBe('third');
    expect(bodies).toEqual(['first', 'second']);
  });
});
