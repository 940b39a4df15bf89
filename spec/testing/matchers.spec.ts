import '../../lib/testing/jest';
import { Breaker, withBreaker, withPolicies, withRetry } from '../../lib';
import { testKit } from '../../lib/testing';

const kit = testKit();
const down = async (): Promise<string> => {
  throw new Error('down');
};
const pay = withRetry(withBreaker(down, { name: 'm.pay', failureThreshold: 3, recoveryTimeout: '60s' }), { maxAttempts: 5, baseDelay: 100, jitter: false });
const search = withBreaker(async () => 'found', { name: 'm.search' });
const quietly = (call: Promise<unknown>) => call.catch(() => undefined);

/** What an assertion fails with. */
function failureOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
}

it('tells states, attempts, rejections, transitions and waits, by function, breaker and name', async () => {
  await kit.run(async () => {
    kit.instantRetries();
    await quietly(pay());
    await quietly(pay());
    for (const subject of [pay, pay.breaker, 'm.pay']) {
      expect(subject).toBeOpen();
      expect(subject).not.toBeClosed();
      expect(subject).toHaveAttempted(3);
      expect(subject).toHaveRejected(1);
      expect(subject).toHaveTransitioned(['open']);
      expect(subject).toHaveBackedOff([100, 200]);
      expect(subject).toHaveBackedOff([110, 190], { within: 10 });
      expect(subject).not.toHaveBackedOff([110, 190], { within: 9 });
      expect(subject).toBeIsolatedFrom('m.search');
    }
    await kit.advance('60s');
    expect(pay).toBeHalfOpen();
    kit.fault('m.pay', { result: 'paid' });
    await pay();
    expect(pay).toBeClosed();
    expect(pay).toHaveTransitioned(['open', 'half_open', 'closed']);
  });
});

it('counts a run that goes on', async () => {
  const hung = withBreaker(() => new Promise<never>(() => {}), { name: 'm.hung' });
  void hung();
  expect(hung).toHaveAttempted(1);
});

it('prints the log of transitions when it fails', async () => {
  await kit.run(async () => {
    kit.instantRetries();
    await quietly(pay());
    await kit.advance('60s');
    await quietly(pay());
    expect(failureOf(() => expect(pay).toBeClosed())).toBe(
      [
        'expected m.pay to be closed, but it is open',
        '',
        'm.pay: open; 4 attempts; 4 failures, 4 of them in a row; 0 rejected; last error: Error: down',
        '  +0 ms: closed -> open (failure_threshold)',
        '  +60000 ms: open -> half_open (recovery_timeout)',
        '  +60000 ms: half_open -> open (probe_failed)',
        'waits before retries: 100, 200 ms',
      ].join('\n'),
    );
    expect(failureOf(() => expect(pay).not.toBeOpen())).toMatch(/^expected m\.pay not to be open, but it is open\n/);
    expect(failureOf(() => expect(pay).toHaveAttempted(1))).toMatch(/^expected m\.pay to have attempted 1 run, but it attempted 4 runs\n/);
    expect(failureOf(() => expect(pay).toHaveRejected(1))).toMatch(/^expected m\.pay to have rejected 1 attempt, but it rejected 0 attempts\n/);
    expect(failureOf(() => expect(pay).toHaveTransitioned(['open']))).toMatch(
      /^expected m\.pay to have transitioned to open, but it transitioned to open, half_open, open\n/,
    );
    expect(failureOf(() => expect(pay).toHaveBackedOff([100], { within: '5ms' }))).toMatch(
      /^expected m\.pay to have backed off 100 ms \(each ± 5 ms\), but it backed off 100, 200 ms\n/,
    );
  });
});

it('says that a transition is due whose time has come', async () => {
  await kit.run(async () => {
    kit.open(search);
    await kit.advance('60s');
    expect(search).toBeHalfOpen();
    expect(failureOf(() => expect(search).toHaveTransitioned(['open', 'half_open']))).toContain('its open time has passed, and its next call enters half_open');
  });
});

it('tells operations that share a breaker, and one that was moved by another', async () => {
  const one = withBreaker(async () => 1, { name: 'm.shared', failureThreshold: 2 });
  const other = withBreaker(async () => 2, { name: 'm.shared', failureThreshold: 2 });
  await kit.run(async () => {
    expect(failureOf(() => expect(one).toBeIsolatedFrom(other))).toMatch(/^expected m\.shared to be isolated from m\.shared, but both are the same operation, with one breaker\n/);
    kit.instantRetries();
    await quietly(pay());
    expect(pay).toBeIsolatedFrom(search);
    search.breaker?.trip();
    expect(failureOf(() => expect(pay).toBeIsolatedFrom(search))).toContain('m.search went to open though none of its own attempts ran');
  });
});

it('wants one of the breakers of an operation that has several', async () => {
  const keyed = withBreaker(down, { name: 'm.keyed', key: () => 'a', failureThreshold: 1 });
  await kit.run(async () => {
    await quietly(keyed());
    expect(keyed.breakers.get('a')).toBeOpen();
    expect(keyed.breakers.get('a')).toHaveAttempted(1);
    expect(keyed).toHaveAttempted(1);
    expect(failureOf(() => expect(keyed).toBeOpen())).toMatch(/m\.keyed has one breaker per key or instance: give one of them/);
  });
});

it('knows breakers that are used by hand', async () => {
  const breaker = new Breaker({ name: 'm.alone', failureThreshold: 1 });
  await quietly(breaker.execute(down));
  expect(breaker).toBeOpen();
  expect(breaker).toHaveAttempted(1);
  expect(breaker).toHaveTransitioned(['open']);
});

it('counts neither what a policy refused before the function, nor what a cache answered', async () => {
  let release = (): void => undefined;
  const full = withPolicies(() => new Promise<void>((resolve) => { release = resolve; }), { name: 'm.full', bulkhead: 1 });
  const first = full();
  await expect(full()).rejects.toMatchObject({ code: 'BREAKER_BULKHEAD_FULL' });
  expect(full).toHaveAttempted(1);
  release();
  await first;
  const cached = withPolicies(async () => 'kept', { name: 'm.cached', cache: '1m' });
  await cached();
  await cached();
  expect(cached).toHaveAttempted(1);
});

it('refuses what it cannot know, or compare with', () => {
  const mistaken = pay();
  mistaken.catch(() => undefined);
  expect(failureOf(() => expect(mistaken).toBeOpen())).toMatch(/to be open: must be a protected function, a breaker, or the name of an operation/);
  expect(failureOf(() => expect('m.pya').toBeOpen())).toMatch(/no operation has this name; did you mean m\.pay\?/);
  expect(failureOf(() => expect(pay).toHaveAttempted(-1))).toMatch(/must be an integer >= 0; received -1/);
  expect(failureOf(() => expect(pay).toHaveTransitioned(['opened' as never]))).toMatch(/must be 'open' or 'half_open' or 'closed'; received 'opened'/);
  expect(failureOf(() => expect(pay).toHaveBackedOff([-5]))).toMatch(/must be a number >= 0/);
  expect(failureOf(() => expect(pay).toHaveBackedOff([5], { wihtin: 5 } as never))).toMatch(/did you mean within\?/);
});
