import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { currentCall, withPolicies } from '../../lib';
import { rejectionOf } from '../composition/support/flaky';
import { reactions } from '../support/timer-clock';
import { Testbed } from './testbed';
import { runs } from '../support/runs';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;
const reason = new Error('the user left');

describe('rule 20, at a rate limit: an abort', () => {
  it('before the call: rejects with its reason, and takes no token', async () => {
    const testbed = new Testbed({ limit: 1, maxWait: '1s' });

    expect(await rejectionOf(testbed.within({ signal: AbortSignal.abort(reason) }))).toBe(reason);

    await testbed.call('mine');
    expect(testbed.order).toEqual(['mine']);
    expect(testbed.times).toEqual([0]);
  });

  it('while waiting: rejects at once with its reason, runs nothing, and leaves no timer and no listener', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1s' });
    await testbed.call();
    const controller = new AbortController();
    const waiting = testbed.within({ signal: controller.signal });
    await reactions();
    expect([testbed.clock.armed, listeners(controller.signal)]).toEqual([1, 1]);

    controller.abort(reason);

    expect(await rejectionOf(waiting)).toBe(reason);
    expect([testbed.clock.armed, listeners(controller.signal)]).toEqual([0, 0]);
    await testbed.clock.advance(10_000);
    expect(testbed.runs).toHaveLength(1);
    expect(testbed.events).toEqual([]);
    // The breaker around it has its permit back.
    expect(testbed.registry.get('orders.list')!.stats).toMatchObject({ calls: 2, successes: 1, ignored: 1 });
  });

  it('while waiting: gives its turn to those behind, whose waits get shorter', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: 200 });
    await testbed.call('a');
    const controller = new AbortController();
    const left = rejectionOf(testbed.within({ signal: controller.signal }, 'b'));
    const behind = testbed.call('c');
    await testbed.clock.advance(50);

    controller.abort(reason);
    // Its wait of 300 ms would be too long, were the turn of the one who left not free.
    const newcomer = testbed.call('d');

    expect(await left).toBe(reason);
    await testbed.clock.until(Promise.all([behind, newcomer]));
    expect(testbed.order).toEqual(['a', 'c', 'd']);
    expect(testbed.times).toEqual([0, 100, 200]);
    expect(testbed.clock.armed).toBe(0);
  });

  it('while waiting in the middle: all behind move up, and nothing is left', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '10s' });
    await testbed.call('a');
    const controller = new AbortController();
    const first = testbed.call('b');
    const left = ['c', 'd'].map((arg) => rejectionOf(testbed.within({ signal: controller.signal }, arg)));
    const behind = ['e', 'f'].map((arg) => testbed.call(arg));
    await testbed.clock.advance(50);

    controller.abort(reason);

    expect(await Promise.all(left)).toEqual([reason, reason]);
    expect(testbed.clock.armed).toBe(3);
    await testbed.clock.until(Promise.all([first, ...behind]));
    expect(testbed.order).toEqual(['a', 'b', 'e', 'f']);
    expect(testbed.times).toEqual([0, 100, 200, 300]);
    expect(testbed.clock.armed).toBe(0);
  });

  it('between the turn and the run of the function: rejects with its reason, and runs nothing', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1s' });
    await testbed.call('a');
    const controller = new AbortController();
    const left = rejectionOf(testbed.within({ signal: controller.signal }, 'b'));
    await reactions();
    const now = jest.spyOn(testbed.clock, 'now').mockReturnValue(100);

    const newcomer = testbed.call('c'); // finds that it is the turn of b, whose timer is late
    controller.abort(reason);

    expect(await left).toBe(reason);
    now.mockRestore();
    await testbed.clock.until(newcomer);
    expect(testbed.order).toEqual(['a', 'c']);
  });

  it('while the function runs: is for the function to heed; its signal tells', async () => {
    const testbed = new Testbed(10);
    let seen: AbortSignal | undefined;
    const limited = withPolicies(
      async () => {
        seen = currentCall()!.signal;
        await reactions();
        if (seen!.aborted) throw new Error('interrupted');
      },
      { registry: testbed.registry, rateLimit: 10 },
    );
    const controller = new AbortController();
    const outer = withPolicies(async () => limited(), { registry: testbed.registry, breaker: {} }).breaker!;
    const call = outer.execute(() => limited(), { signal: controller.signal });

    controller.abort(reason);

    expect(await rejectionOf(call)).toBe(reason);
    expect(seen!.reason).toBe(reason);
    expect(limited.breaker!.stats).toMatchObject({ ignored: 1, failures: 0 });
    expect(listeners(controller.signal)).toBe(0);
  });

  it('after success changes nothing', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: '1s' });
    await testbed.call();
    const controller = new AbortController();
    expect(await testbed.clock.until(testbed.within({ signal: controller.signal }, 'it'))).toBe('it');

    controller.abort(reason);

    expect(listeners(controller.signal)).toBe(0);
    await testbed.clock.advance(100);
    expect(testbed.times).toEqual([0, 100]);
  });

  it('leaves no listener on the signal, however the call ends', async () => {
    const testbed = new Testbed({ limit: 10, burst: 1, maxWait: 100 });
    const { signal } = new AbortController();
    await testbed.clock.until(Promise.allSettled([1, 2, 3].map((arg) => testbed.within({ signal }, arg))));

    expect(testbed.order).toEqual([1, 2]);
    expect([listeners(signal), testbed.clock.armed]).toEqual([0, 0]);
  });
});

describe('in whatever order callers come, leave and time passes', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({ does: 'come' as const }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('leave' as const), who: fc.nat(40) }) },
      { weight: 2, arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 250 }) }) },
    ),
    { maxLength: 60 },
  );
  const limits = fc.record({
    limit: fc.integer({ min: 1, max: 20 }),
    burst: fc.integer({ min: 1, max: 5 }),
    maxWait: fc.integer({ min: 0, max: 2000 }),
  });

  it('the order is that of arrival, nobody waits longer than promised, the limit holds, and nothing is left', async () => {
    await fc.assert(
      fc.asyncProperty(limits, steps, async ({ limit, burst, maxWait }, doings) => {
        const testbed = new Testbed({ limit, burst, maxWait });
        const { clock } = testbed;
        const callers: { readonly controller: AbortController; readonly cameAt: number; readonly ended: Promise<string> }[] = [];
        for (const step of doings) {
          if (step.does === 'wait') await clock.advance(step.ms);
          else if (step.does === 'leave') callers[step.who]?.controller.abort(reason);
          else {
            const controller = new AbortController();
            const ended = testbed.within({ signal: controller.signal }, callers.length).then(
              () => 'ran',
              (error: unknown) => (error === reason ? 'left' : 'rejected'),
            );
            callers.push({ controller, cameAt: clock.now(), ended });
          }
        }
        const ends = await clock.until(Promise.all(callers.map(({ ended }) => ended)));

        const ran = testbed.order as number[];
        expect(ran).toEqual([...ran].sort((one, other) => one - other));
        expect(ran).toEqual(ends.flatMap((end, who) => (end === 'ran' ? [who] : [])));
        for (const { arg, at } of testbed.runs) {
          // Turns come on time, up to the rounding of the clock.
          expect(at - callers[arg as number]!.cameAt).toBeLessThanOrEqual(maxWait + 1e-6);
        }
        const { times } = testbed;
        for (let first = 0; first < times.length; first++) {
          for (let last = first + burst; last < times.length; last++) {
            expect((last - first + 1 - burst) * 1000).toBeLessThanOrEqual((times[last]! - times[first]!) * limit + 1e-6);
          }
        }
        expect(clock.armed).toBe(0);
        expect(callers.map(({ controller }) => listeners(controller.signal))).toEqual(callers.map(() => 0));
      }),
      { numRuns: runs(200) },
    );
  });

  it('a call whose run ends when a scheduler says so holds nothing of the limit meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 12 }), async (scheduler, count) => {
        const { clock, registry } = new Testbed(1);
        const began: number[] = [];
        const limited = withPolicies(
          async (n: number) => {
            began.push(n);
            await scheduler.schedule(Promise.resolve(), `run ${n} ends`);
          },
          { registry, rateLimit: { limit: 10, burst: 3, maxWait: Infinity } },
        );
        const calls = Promise.all(
          Array.from({ length: count }, async (_, n) => {
            await scheduler.schedule(Promise.resolve(), `call ${n} comes`);
            const place = began.length;
            await limited(n);
            return place;
          }),
        );
        for (let round = 0; round < 2 * count + 2; round++) {
          await scheduler.waitAll();
          await clock.advance(100);
        }
        await scheduler.waitAll();
        await calls;

        expect([...began].sort((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, n) => n));
        expect(clock.armed).toBe(0);
      }),
      { numRuns: runs(50) },
    );
  });
});
