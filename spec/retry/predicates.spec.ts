import { BreakerRegistry, withRetry, type RetryOptions } from '../../lib';
import { fails, rejectionOf, scripted, works } from '../composition/support/flaky';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';

let warnings: ReturnType<typeof collectWarnings>;
beforeEach(() => {
  warnings = collectWarnings();
});
afterEach(() => {
  warnings.stop();
});

function setUp(options: RetryOptions, ...script: Parameters<typeof scripted>) {
  const clock = new TimerClock();
  const fn = scripted(...script);
  const wrapped = withRetry(fn, { name: 'op', registry: new BreakerRegistry({ clock }), baseDelay: 10, maxAttempts: 3, ...options });
  return { fn, call: () => clock.until(wrapped()) };
}

/** Another one each time: each is reported once. */
const buggy = () => (): never => {
  throw new Error('a bug');
};

describe('a function of the user’s that throws is reported by its name, and the call goes on', () => {
  it.each<[keyof RetryOptions, number]>([
    ['handle', 2], // counts as handled
    ['ignore', 2], // counts as not ignored
    ['onRetry', 2],
  ])('%s', async (option, runs) => {
    const { fn, call } = setUp({ [option]: buggy() }, fails(), works('it'));
    expect(await call()).toBe('it');
    expect(fn).toHaveBeenCalledTimes(runs);
    expect(warnings.messages()).toEqual([expect.stringMatching(new RegExp(`${option}'? threw`))]);
  });

  it('handleResult: the result counts as good', async () => {
    const { fn, call } = setUp({ handleResult: buggy() }, works('it'));
    expect(await call()).toBe('it');
    expect(fn).toHaveBeenCalledTimes(1);
    expect(warnings.messages()).toEqual([expect.stringContaining("'handleResult' threw")]);
  });

  it('nothing is reported where there is none', async () => {
    const { call } = setUp({}, fails(), works('it'));
    expect(await call()).toBe('it');
    expect(warnings.codes()).toEqual([]);
  });
});

it('a result that is refused is tried again, whatever errors are handled or ignored', async () => {
  for (const options of [{ handle: TypeError }, { ignore: () => true }]) {
    const { fn, call } = setUp({ ...options, handleResult: (value: unknown) => value === 'busy' }, works('busy'), works('it'));
    expect(await call()).toBe('it');
    expect(fn).toHaveBeenCalledTimes(2);
  }
});

it('an error is not tried again where only results are refused and it is not handled', async () => {
  const down = new Error('down');
  const { fn, call } = setUp({ handle: TypeError, handleResult: (value: unknown) => value === 'busy' }, works('busy'), fails(down));
  expect(await rejectionOf(call())).toBe(down);
  expect(fn).toHaveBeenCalledTimes(2);
});
