import { withBreaker, withPolicies, withRetry } from '../../lib';
import { testKit } from '../../lib/testing';
import { Breaker } from '../../lib';

const kit = testKit();
const down = async (): Promise<string> => {
  throw new Error('down');
};
const fetchPage = withRetry(down, { name: 'fetchPage', maxAttempts: 4, baseDelay: '1s', jitter: false });

it('passes over the waits of retries, and lists what they would have been', async () => {
  await kit.run(async () => {
    kit.instantRetries();
    await expect(fetchPage()).rejects.toThrow('down');
    expect(kit.sleeps('fetchPage')).toEqual([1000, 2000, 4000]);
    expect(kit.sleeps(fetchPage)).toEqual([1000, 2000, 4000]);
    kit.assertIdle();
  });
});

it('lists waits that take their time, too', async () => {
  await kit.run(async () => {
    const call = fetchPage().catch(() => undefined);
    await kit.advance('1s');
    expect(kit.sleeps('fetchPage')).toEqual([1000, 2000]);
    await kit.advance('1m');
    await call;
  });
});

it('keeps the logic of retries: a wait that was passed over counts towards maxElapsed', async () => {
  const bounded = withRetry(down, { name: 'bounded', maxAttempts: Infinity, baseDelay: '1s', jitter: false, maxElapsed: '4s' });
  await kit.run(async () => {
    kit.instantRetries();
    await expect(bounded()).rejects.toThrow('down');
    expect(kit.sleeps('bounded')).toEqual([1000, 2000]);
  });
});

it('passes over the wait for a circuit, which has recovered after it', async () => {
  let isUp = false;
  const waiting = withPolicies(async () => { if (!isUp) throw new Error('down'); return 'up'; }, {
    name: 'waiting',
    breaker: { failureThreshold: 1, recoveryTimeout: '30s' },
    retry: { maxAttempts: 5, baseDelay: '1s', jitter: false, waitForCircuit: true, maxElapsed: '5m', onRetry: () => void (isUp = true) },
  });
  await kit.run(async () => {
    kit.instantRetries();
    await expect(waiting()).resolves.toBe('up');
    expect(kit.sleeps('waiting')).toEqual([30_000]);
  });
});

it('fires no timer of others for a wait that it passes over, until time is moved', async () => {
  const slow = withPolicies(() => new Promise<never>(() => {}), { name: 'slow', timeout: '1500ms' });
  await kit.run(async () => {
    kit.instantRetries();
    let isOver = false;
    const call = slow().catch(() => (isOver = true));
    await expect(fetchPage()).rejects.toThrow('down');
    expect(isOver).toBe(false);
    await kit.advance(0);
    expect(isOver).toBe(true);
    await call;
  });
});

it('lets a call that is retried for ever be aborted', async () => {
  const aborting = new AbortController();
  const endless = withRetry(down, { name: 'endless', maxAttempts: Infinity, baseDelay: 1, maxDelay: 1, signal: aborting.signal });
  await kit.run(async () => {
    kit.instantRetries();
    const call = expect(endless()).rejects.toThrow('enough');
    setTimeout(() => aborting.abort(new Error('enough')), 1);
    await call;
    expect(kit.sleeps('endless').length).toBeGreaterThan(99);
  });
});

it('leaves waits by a clock of their own alone', async () => {
  const waits: (() => void)[] = [];
  const clock = { now: () => 0, setTimeout: (fn: () => void) => waits.push(fn), clearTimeout: () => undefined };
  const own = withRetry(down, { name: 'own', maxAttempts: 2, baseDelay: 10, jitter: false, clock });
  await kit.run(async () => {
    kit.instantRetries();
    const call = own().catch(() => 'given up');
    await kit.advance('1h');
    expect(waits).toHaveLength(1);
    waits[0]!();
    await expect(call).resolves.toBe('given up');
  });
});

it('opens, half opens and closes circuits, by name, function or breaker, also before the first call of a run', async () => {
  const pay = withBreaker(async () => 'paid', { name: 'pay.now', recoveryTimeout: '10s' });
  await kit.run(async () => {
    kit.open('pay.now');
    await expect(pay()).rejects.toMatchObject({ code: 'BREAKER_OPEN', retryAfter: 10_000 });
    kit.halfOpen(pay);
    expect(pay.breaker?.state).toBe('half_open');
    await expect(pay()).resolves.toBe('paid');
    expect(pay.breaker?.state).toBe('closed');
    kit.open(pay.breaker!);
    kit.close('pay.now');
    expect(pay.breaker?.state).toBe('closed');
    await expect(pay()).resolves.toBe('paid');
  });
  expect(pay.breaker?.stats.calls).toBe(0);
  const alone = new Breaker();
  kit.open(alone);
  expect(alone.state).toBe('open');
});

it('opens the breaker of one key', async () => {
  const fetchHost = withBreaker(async (host: string) => host, { name: 'fetchHost', key: (host) => host });
  await kit.run(async () => {
    kit.open('fetchHost', 'a');
    await expect(fetchHost('a')).rejects.toMatchObject({ code: 'BREAKER_OPEN', key: 'a' });
    await expect(fetchHost('b')).resolves.toBe('b');
    expect(() => kit.open('fetchPage', 'a')).toThrow(/kit\.open: key: fetchPage has no breakers by key/);
    expect(() => kit.open('fetchHost', 5 as never)).toThrow('kit.open: key: must be a string; received 5');
  });
  await kit.run(() => {
    expect(() => kit.open('fetchHost')).toThrow(/fetchHost has one breaker per key or instance, and none yet/);
  });
});

it('says which operation may have been meant', async () => {
  await kit.run(() => {
    expect(() => kit.open('fetchPag')).toThrow(/kit\.open: no operation has this name; did you mean fetchPage\?; received 'fetchPag'/);
    expect(() => kit.close(down)).toThrow(/kit\.close: must be a protected function, a breaker, or the name of an operation; received function down/);
  });
});

it('calls functions as if nothing protected them while all is disabled', async () => {
  let runs = 0;
  const guarded = withPolicies(async (): Promise<string> => { runs++; throw new Error('down'); }, {
    name: 'everything', retry: { maxAttempts: 5 }, breaker: { failureThreshold: 1 }, bulkhead: 1, timeout: 10, fallback: async () => 'instead',
  });
  await kit.run(async () => {
    kit.disable();
    await expect(Promise.all([guarded(), guarded()])).rejects.toThrow('down');
    await expect(guarded()).rejects.toThrow('down');
    expect(runs).toBe(3);
    expect(guarded.breaker?.stats).toMatchObject({ calls: 0, rejected: 0 });
    kit.enable();
    kit.instantRetries();
    await expect(guarded()).resolves.toBe('instead');
  });
});
