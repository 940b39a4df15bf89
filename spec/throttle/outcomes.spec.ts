import { getEventListeners } from 'node:events';
import { BreakerRegistry, BulkheadFullError, RateLimitedError, throttle, timeout, withPolicies } from '../../lib';
import { pending, rejectionOf } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';
import { refusal, Testbed } from './testbed';

class NotFound extends Error {}
class Overloaded extends Error {}

describe('what a throttle takes for a refusal', () => {
  it('every error, by default', async () => {
    const testbed = await new Testbed().see(1, new NotFound());
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it('what handle says; any other error is an answer, which counts for the dependency', async () => {
    const testbed = new Testbed({ handle: Overloaded });
    await testbed.see(1, new NotFound());
    expect(await testbed.probability()).toBe(0);
    await testbed.see(4, new Overloaded());
    // Of six requests two were accepted: the one that found nothing, and the one that asked for the probability.
    expect(await testbed.probability()).toBeCloseTo((6 - 2 * 2) / 7);
  });

  it('a value that handleResult refuses', async () => {
    const testbed = new Testbed({ handleResult: (status: unknown) => status === 503 });
    testbed.answer = async () => 503;
    expect(await testbed.call()).toBe(503);
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it('not what ignore says: that counts for nothing', async () => {
    const testbed = await new Testbed({ ignore: NotFound, handle: () => true }).see(1, 'refused');
    await testbed.see(100, new NotFound());
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it.each([
    ['cancellations', new DOMException('cancelled', 'AbortError')],
    ['rejections by the operation’s own bulkhead', new BulkheadFullError('search.find', 1, 0)],
    ['rejections by the operation’s own rate limit', new RateLimitedError('search.find', 100)],
  ])('not %s: they count for nothing', async (_what, error) => {
    const testbed = await new Testbed({ handle: () => true }).see(1, 'refused');
    await testbed.see(100, error);
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it('a rejection by the bulkhead of another operation, which is the dependency’s', async () => {
    const testbed = await new Testbed().see(1, new BulkheadFullError('index.read', 1, 0));
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it('rule 3: a throw of handle counts as a refusal, one of handleResult as an answer', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const oops = () => (): never => {
      throw new Error('oops');
    };
    expect(await (await new Testbed({ handle: oops() }).see(1, 'refused')).probability()).toBe(1 / 2);
    expect(await (await new Testbed({ handleResult: oops() }).see(1, 'accepted')).probability()).toBe(0);
    expect(warned).toHaveBeenCalledTimes(2);
    warned.mockRestore();
  });

  it('a synchronous throw, as a rejection (rule 4)', async () => {
    const testbed = new Testbed();
    testbed.answer = () => {
      throw refusal;
    };
    expect(await rejectionOf(testbed.call())).toBe(refusal);
    expect(await testbed.probability()).toBe(1 / 2);
  });
});

describe('an abort', () => {
  const reason = new Error('the user left');

  it('while the function runs counts for nothing, whatever the function then fails with', async () => {
    const testbed = await new Testbed({ handle: () => true }).see(1, 'refused');
    const fn = pending();
    testbed.answer = fn;
    const controller = new AbortController();
    const call = testbed.within(controller.signal);

    controller.abort(reason);
    fn.calls[0]!.reject(refusal);

    // The breaker tells the caller why it ended.
    expect(await rejectionOf(call)).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    expect(await testbed.probability()).toBe(1 / 2);
  });

  it('that the function does not heed leaves its value an answer', async () => {
    const testbed = await new Testbed().see(1, 'refused');
    const fn = pending();
    testbed.answer = fn;
    const controller = new AbortController();
    const call = testbed.within(controller.signal);
    controller.abort(reason);
    fn.calls[0]!.resolve('it');
    expect(await call).toBe('it');
    await testbed.see(1, 'refused');
    expect(await testbed.probability()).toBeCloseTo((3 - 2 * 1) / 4);
  });

  it('after success changes nothing', async () => {
    const testbed = await new Testbed().see(1, 'refused');
    const controller = new AbortController();
    testbed.answer = async () => 'it';
    await testbed.within(controller.signal);
    controller.abort(reason);
    expect(await testbed.probability()).toBe(0);
  });

  it('by a timeout of the operation itself is a refusal', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const probabilities: number[] = [];
    registry.on('throttle', ({ probability }) => {
      probabilities.push(probability);
    });
    const wrapped = withPolicies(pending(), {
      registry, retry: { maxAttempts: 1, attemptTimeout: 100 }, throttle: { random: () => 0 },
    });
    expect(await rejectionOf(clock.until(wrapped()))).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    expect(await rejectionOf(clock.until(wrapped()))).toMatchObject({ code: 'BREAKER_THROTTLED' });
    expect(probabilities).toEqual([1 / 2]);
  });

  it.each(['NetworkError', 'AbortError'])('by a timeout of the operation around the throttle is a refusal, too, when the function heeds it and rejects with its own %s (rule 2)', async (name) => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const probabilities: number[] = [];
    registry.on('throttle', ({ probability }) => {
      probabilities.push(probability);
    });
    const fn = pending();
    const wrapped = withPolicies(fn, [timeout({ duration: 100, registry }), throttle({ registry, random: () => 0 })]);
    const late = rejectionOf(wrapped());
    await clock.advance(100);
    fn.calls[0]!.reject(new DOMException('request cancelled', name));
    expect(await late).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    await reactions();

    expect(await rejectionOf(wrapped())).toMatchObject({ code: 'BREAKER_THROTTLED' });
    expect(probabilities).toEqual([1 / 2]);
  });
});
