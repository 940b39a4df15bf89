import { execFileSync } from 'node:child_process';
import { BreakerRegistry, currentCall, OperationTimeoutError, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { programOf } from '../support/programs';

const never = (): Promise<never> =>
  new Promise(() => {
    // It hangs.
  });
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('a timeout in real time', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('rejects when its time is up', async () => {
    const startedAt = performance.now();
    const error = await rejectionOf(withPolicies(never, { timeout: 20 })());
    expect(error).toBeInstanceOf(OperationTimeoutError);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  });

  it('rule 24: arms a timer while calls wait, one for all of them, and has none when none does', async () => {
    const fn = pending();
    const wrapped = withPolicies(fn, { timeout: '1h' });
    await turn();
    const before = timers();
    const calls = [wrapped(), wrapped(), wrapped()];
    await turn();
    expect(timers() - before).toBe(1);
    for (const { resolve } of fn.calls) resolve('it');
    await Promise.all(calls);
    await turn();
    expect(timers() - before).toBe(0);
  });

  it('arms none for calls that settle at once', async () => {
    const wrapped = withPolicies(async (n: number) => n, { timeout: '1h' });
    await turn();
    const before = timers();
    for (let n = 0; n < 200; n++) {
      expect(await wrapped(n)).toBe(n);
      expect(timers()).toBe(before);
    }
  });

  it('gives each call its own signal and deadline, though calls share an object when nobody looks', async () => {
    const seen: (ReturnType<typeof currentCall>)[] = [];
    let looks = false;
    const wrapped = withPolicies(async () => { if (looks) seen.push(currentCall()); }, { timeout: '1h' });
    for (let n = 0; n < 40; n++) {
      looks = n % 3 === 0;
      await wrapped();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen.map((call) => call!.signal)).size).toBe(seen.length);
    expect(seen.every((call) => call!.deadline === undefined)).toBe(true);
  });

  it('keeps apart what overlapping calls give', async () => {
    const fn = pending();
    const wrapped = withPolicies(fn, { timeout: 30 });
    const calls = Array.from({ length: 5 }, () => wrapped());
    fn.calls[2]!.resolve('third');
    expect(await calls[2]).toBe('third');
    const others = await Promise.all([calls[0]!, calls[1]!, calls[3]!, calls[4]!].map(rejectionOf));
    expect(others.every((error) => error instanceof OperationTimeoutError)).toBe(true);
  });

  it.each(['abandon', 'cooperative'] as const)('has a timeout for each call, also after one that settled late (%s)', async (mode) => {
    const registry = new BreakerRegistry();
    const settled = jest.fn();
    const late = async (): Promise<void> => {
      await new Promise((resolve) => {
        setTimeout(resolve, 40);
      });
      settled();
      throw new Error('late');
    };
    const wrapped = withPolicies(jest.fn(never).mockImplementationOnce(late as typeof never), { name: 'late', registry, timeout: { duration: 10, mode } });
    const first = await rejectionOf(wrapped());
    while (settled.mock.calls.length === 0) await turn();
    await turn();
    const second = wrapped();
    // Only now: calls that are watched from the start share no object.
    await new Promise((resolve) => {
      registry.on('timeout', resolve);
    });
    expect(first).toBeInstanceOf(OperationTimeoutError);
    if (mode === 'abandon') expect(await rejectionOf(second)).not.toBe(first);
  });

  it('rule 17: goes by fake timers that are installed later, moved in the same turn too', async () => {
    const wrapped = withPolicies(never, { timeout: 2000 });
    const real = withPolicies(async () => 'it', { timeout: 2000 });
    await real();
    jest.useFakeTimers();
    const first = rejectionOf(wrapped());
    jest.advanceTimersByTime(500);
    const second = rejectionOf(wrapped());
    jest.advanceTimersByTime(1500);
    expect(await first).toBeInstanceOf(OperationTimeoutError);
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(500);
    expect(await second).toBeInstanceOf(OperationTimeoutError);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not disturbed by calls that hang in fake timers of before', async () => {
    const wrapped = withPolicies(never, { timeout: 20 });
    jest.useFakeTimers();
    void wrapped().catch(() => undefined);
    jest.useRealTimers();
    expect(await rejectionOf(wrapped())).toBeInstanceOf(OperationTimeoutError);
  });
});

it('rule 24: a process lives while a timeout is pending, and ends at once when none is', () => {
  const library = JSON.stringify(programOf('library'));
  const run = (body: string): string =>
    execFileSync(process.execPath, ['-e', `const { withPolicies } = require(${library});\n${body}`], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  expect(run(`withPolicies(() => new Promise(() => {}), { timeout: 50 })().catch(({ code }) => console.log(code));`)).toBe('BREAKER_TIMEOUT\n');
  expect(
    run(`const startedAt = performance.now();
      void withPolicies(async () => 1, { timeout: '1h' })();
      process.on('exit', () => console.log(performance.now() - startedAt < 30_000));`),
  ).toBe('true\n');
});
