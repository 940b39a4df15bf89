import { withBreaker, withBreakerSync, withPolicies, withRetry } from '../../lib';
import { testKit } from '../../lib/testing';

const kit = testKit();
const pay = withBreaker(async (amount: number) => `paid ${amount}`, { name: 'pay', failureThreshold: 100 });

const outcomes = (count: number) =>
  Promise.all(Array.from({ length: count }, () => pay(1).then(() => 'ok', () => 'fail')));

it('fails attempts by a sequence, and lets all run after its end', async () => {
  await kit.run(async () => {
    kit.fault('pay', { sequence: ['fail', 'ok', 'fail'] });
    const seen: string[] = [];
    for (let n = 0; n < 5; n++) seen.push(await pay(1).then(() => 'ok', () => 'fail'));
    expect(seen).toEqual(['fail', 'ok', 'fail', 'ok', 'ok']);
  });
});

it('fails a share of attempts, the same ones with the same seed, others for another operation', async () => {
  const other = withBreaker(async () => 'ok', { name: 'other', failureThreshold: 100 });
  const failing = (seed: number) =>
    testKit({ seed }).run(async () => {
      for (const name of ['pay', 'other']) testKit({ seed }).fault(name, { rate: 0.3 });
      return [await outcomes(100), await Promise.all(Array.from({ length: 100 }, () => other().catch(() => 'fail')))];
    });
  const [ofPay, ofOther] = await failing(5);
  const share = ofPay!.filter((outcome) => outcome === 'fail').length;
  expect(share).toBeGreaterThan(15);
  expect(share).toBeLessThan(45);
  expect(ofOther).not.toEqual(ofPay);
  expect(await failing(5)).toEqual([ofPay, ofOther]);
  expect((await failing(6))[0]).not.toEqual(ofPay);
});

it('fails all attempts without options, with an error that says who did it', async () => {
  await kit.run(async () => {
    kit.fault(pay);
    await expect(pay(1)).rejects.toThrow("'pay' was made to fail by the test kit");
    expect(pay.breaker?.stats.failures).toBe(1);
    kit.clearFault(pay);
    await expect(pay(1)).resolves.toBe('paid 1');
    kit.fault('pay');
    kit.clearFault();
    await expect(pay(1)).resolves.toBe('paid 1');
  });
});

it('gives the error, or the result, that it was given', async () => {
  const refused = new RangeError('refused');
  await kit.run(async () => {
    kit.fault('pay', { error: refused });
    await expect(pay(1)).rejects.toBe(refused);
    kit.fault('pay', { error: () => new SyntaxError('made anew') });
    await expect(pay(1)).rejects.toThrow(SyntaxError);
    kit.fault('pay', { result: (amount: number) => `nearly ${amount}` });
    await expect(pay(3)).resolves.toBe('nearly 3');
    kit.fault('pay', { sequence: ['fail'], result: 'nothing' });
    await expect(pay(3)).resolves.toBe('nothing');
    await expect(pay(3)).resolves.toBe('paid 3');
  });
});

it('holds attempts up, in the time of the run; the function runs after, unless it is to fail', async () => {
  await kit.run(async () => {
    kit.fault('pay', { latency: 900 });
    let settled = false;
    const call = pay(1).finally(() => (settled = true));
    await kit.advance(899);
    expect(settled).toBe(false);
    await kit.advance(1);
    await expect(call).resolves.toBe('paid 1');
    kit.fault('pay', { latency: '1s', error: new Error('late') });
    const failing = expect(pay(1)).rejects.toThrow('late');
    await kit.advance('1s');
    await failing;
  });
});

it('is inside all policies: a timeout ends what is held up, a retry tries again what fails', async () => {
  const guarded = withPolicies(async () => 'answer', { name: 'guarded', timeout: 500, retry: { maxAttempts: 2, baseDelay: 100, jitter: false } });
  await kit.run(async () => {
    kit.fault('guarded', { latency: 900 });
    const call = expect(guarded()).rejects.toMatchObject({ code: 'BREAKER_TIMEOUT', timeout: 500 });
    await kit.advance(1100);
    await call;
    kit.fault('guarded', { sequence: ['fail'] });
    const second = guarded();
    await kit.advance(100);
    await expect(second).resolves.toBe('answer');
  });
});

it('reaches a call that waits already, with its next attempt', async () => {
  const again = withRetry(async () => 'answer', { name: 'again', maxAttempts: 3, baseDelay: 100, jitter: false });
  await kit.run(async () => {
    kit.fault(again);
    const call = again();
    await kit.advance(50);
    kit.fault(again, { result: 'at last' });
    await kit.advance(50);
    await expect(call).resolves.toBe('at last');
  });
});

it('does it to synchronous functions and to streams as well', async () => {
  const parse = withBreakerSync((text: string) => text.length, { name: 'parse', failureThreshold: 1 });
  const lines = withBreaker(async function* () { yield 'one'; yield 'two'; }, { name: 'lines' });
  await kit.run(async () => {
    kit.fault('parse', { sequence: ['ok', 'fail'] });
    expect(parse('abc')).toBe(3);
    expect(() => parse('abc')).toThrow('made to fail');
    expect(() => parse('abc')).toThrow(/open/);
    kit.fault('lines', { sequence: ['fail'] });
    await expect(lines().next()).rejects.toThrow('made to fail');
    const seen: string[] = [];
    for await (const line of lines()) seen.push(line);
    expect(seen).toEqual(['one', 'two']);
  });
});

it('ends with the run', async () => {
  await kit.run(() => kit.fault('pay'));
  await expect(pay(2)).resolves.toBe('paid 2');
});

it('names all that is wrong with a fault', () => {
  expect(() => kit.fault('pay', { sequence: ['broken'], rate: 2, latncy: 5 } as never)).toThrow(
    /kit\.fault\('pay'\)[\s\S]*sequence\.0: must be 'fail' or 'ok'; received 'broken'[\s\S]*rate: must be a ratio[\s\S]*latncy: unknown option; did you mean latency\?/,
  );
  expect(() => kit.fault('pay', { sequence: ['ok'], rate: 0.5 })).toThrow(/rate: sequence and rate exclude each other/);
  expect(() => kit.fault('pay', { error: new Error('x'), result: 1 })).toThrow(/error and result exclude each other/);
  expect(() => kit.fault('pay', { error: 'text' as never })).toThrow(/error: must be an error/);
  expect(() => kit.fault(42 as never)).toThrow(/kit\.fault: must be a protected function, a breaker, or the name of an operation; received 42/);
});
