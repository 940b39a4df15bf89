import { Socket } from 'node:net';
import { BreakerRegistry, Breaker, circuitBreaker, bulkhead, cache, retry, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { ErrorRecoveryManager, FixedDelayStrategy } from '../../lib/recovery';
import { rejectionOf } from './support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

/** A body that tells whether it was given up. */
class Answer {
  isGivenUp = false;
  readonly body = { getReader: () => undefined, cancel: () => { this.isGivenUp = true; } };
  constructor(readonly status: number) {}
}

const refuses = { handleResult: ({ status }: Answer) => status >= 500 };
const quick = { maxAttempts: 3, baseDelay: 10, jitter: false } as const;

/** A function whose answers have these statuses, the last again and again, and what was given up of them when each run began. */
function answering(...statuses: number[]) {
  const clock = new TimerClock();
  const answers: Answer[] = [];
  const givenUpBefore: number[] = [];
  const fn = async (): Promise<Answer> => {
    givenUpBefore.push(answers.filter(({ isGivenUp }) => isGivenUp).length);
    const answer = new Answer(statuses[answers.length] ?? statuses.at(-1)!);
    answers.push(answer);
    return answer;
  };
  const registry = new BreakerRegistry({ clock, random: () => 0 });
  const wrap = (policies: PolicyOptions) => withPolicies(fn, { name: 'get', registry, ...policies });
  const givenUp = (): boolean[] => answers.map(({ isGivenUp }) => isGivenUp);
  return { clock, registry, fn, wrap, answers, givenUp, givenUpBefore };
}

describe('rule 47: a refused answer is given up', () => {
  it.each<[string, PolicyOptions]>([
    ['a retry', { retry: { ...quick, ...refuses } }],
    ['a retry with a breaker, a timeout and a bulkhead', { retry: { ...quick, ...refuses }, breaker: refuses, timeout: 500, bulkhead: 1 }],
    ['presets.http', presets.http({ retry: { ...quick, idempotent: true } })],
    ['a retry within a time', { retry: { ...quick, ...refuses, maxElapsed: 500 } }],
    ['a suppressed retry of its own', { retry: { ...quick, ...refuses, nested: 'suppress' } }],
  ])('before the next attempt, and the last one is its caller’s: %s', async (_what, policies) => {
    const { clock, wrap, givenUp, givenUpBefore, answers } = answering(503);
    expect(await clock.until(wrap(policies)())).toBe(answers[2]);
    expect(givenUpBefore).toEqual([0, 1, 2]);
    expect(givenUp()).toEqual([true, true, false]);
  });

  it('when the next attempt works', async () => {
    const { clock, wrap, givenUp } = answering(503, 200);
    expect(await clock.until(wrap({ retry: { ...quick, ...refuses } })())).toMatchObject({ status: 200 });
    expect(givenUp()).toEqual([true, false]);
  });

  it('where it came as the response of an error', async () => {
    const { clock, fn, registry, givenUpBefore, givenUp } = answering(503);
    const call = withPolicies(async () => { throw Object.assign(new Error('503'), { response: await fn() }); }, { name: 'throws', registry, retry: quick });
    await rejectionOf(clock.until(call()));
    expect([givenUpBefore, givenUp()]).toEqual([[0, 1, 2], [true, true, false]]);
  });

  it('of a stream that failed before its first item', async () => {
    const { clock, fn, registry, givenUpBefore } = answering(503);
    const opens = withPolicies(async function* () { throw Object.assign(new Error('503'), { response: await fn() }); yield 1; }, { name: 'opens', registry, retry: quick });
    await rejectionOf(clock.until(opens().next()));
    expect(givenUpBefore).toEqual([0, 1, 2]);
  });

  it('by a recovery', async () => {
    const { fn, givenUpBefore, givenUp } = answering(503);
    const manager = new ErrorRecoveryManager({ retryStrategy: new FixedDelayStrategy({ maxAttempts: 3, baseDelay: 0, jitter: false }) } as never);
    const run = async (): Promise<never> => { throw Object.assign(new Error('503'), { response: await fn() }); };
    await rejectionOf(manager.executeWithRetry(run, { operationName: 'op' } as never));
    expect([givenUpBefore, givenUp()]).toEqual([[0, 1, 2], [true, true, false]]);
  });

  it('not while the circuit may make it the result: open, or taken by another probe', async () => {
    const opened = answering(503);
    const shut = opened.wrap({ retry: { ...quick, ...refuses, onRetry: () => { shut.breaker!.trip(); } }, breaker: {} });
    expect(await opened.clock.until(shut())).toBe(opened.answers[0]);
    expect(opened.givenUp()).toEqual([false]);

    const { clock, wrap, givenUp, answers } = answering(503);
    const call = wrap({ retry: { ...quick, baseDelay: 100, ...refuses }, breaker: { recoveryTimeout: 50 } });
    const given = call();
    await clock.advance(1);
    call.breaker!.trip();
    await clock.advance(60);
    const probe = call.breaker!.acquire();
    expect(await clock.until(given)).toBe(answers[0]);
    expect(givenUp()).toEqual([false]);
    probe.ignore();
  });

  it('not by a circuit behind a queue either, which lets no attempt through', async () => {
    const { clock, fn, registry, givenUp, answers } = answering(503);
    const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
    const run = async (isSlow: boolean): Promise<Answer> => {
      if (isSlow) await new Promise<void>((resolve) => { clock.setTimeout(resolve, 50); });
      return isSlow ? new Answer(200) : fn();
    };
    const call = withPolicies(run, [retry({ ...quick, ...refuses, name: 'queued', registry }), bulkhead({ maxConcurrent: 1, maxQueue: 5 }), circuitBreaker()]);
    const given = call(false);
    await clock.advance(5);
    // The slot is taken when the second attempt comes, and the circuit opens while that waits.
    const slow = call(true);
    await clock.advance(20);
    call.breaker!.trip();
    expect(await clock.until(given)).toBe(answers[0]);
    expect(givenUp()).toEqual([false]);
    await slow;
    warnings.mockRestore();
  });

  it('when the call is aborted during the wait: nobody gets it', async () => {
    const { clock, wrap, givenUp } = answering(503);
    const controller = new AbortController();
    const given = rejectionOf(wrap({ retry: { ...quick, ...refuses, signal: controller.signal } })());
    await clock.advance(5);
    controller.abort(new Error('left'));
    expect(await given).toMatchObject({ message: 'left' });
    expect(givenUp()).toEqual([true]);
  });

  it('when another policy rejects the next attempt, whose error is what the call ends with', async () => {
    const { clock, wrap, givenUp } = answering(503);
    const call = wrap({ retry: { ...quick, ...refuses }, rateLimit: { limit: 1, interval: '1h' } });
    expect(await rejectionOf(clock.until(call()))).toMatchObject({ code: 'BREAKER_RATE_LIMITED' });
    expect(givenUp()).toEqual([true]);
  });
});

describe('rule 47: an answer that the next attempt gives again is still needed', () => {
  it.each([['the last', false], ['one that is taken', true]])('as from a cache inside the retry: %s', async (_which, isTaken) => {
    const { clock, registry, fn, answers, givenUp } = answering(503);
    let asked = 0;
    const handleResult = (): boolean => ++asked < (isTaken ? 2 : 9);
    const call = withPolicies(fn, [retry({ ...quick, handleResult, name: 'get', registry }), cache({ ttl: 1000 })]);
    expect(await clock.until(call())).toBe(answers[0]);
    expect(givenUp()).toEqual([false]);
  });
});

describe('rule 47: a connection that all calls share is no answer, and stays as it is', () => {
  it.each<[string, PolicyOptions]>([
    ['a timeout that it was too late for', { timeout: 10 }],
    ['a hedge, whose run was slower', { hedge: { delay: 10, idempotent: true } }],
    ['a hedge under a timeout', { timeout: 10, hedge: { delay: 5, idempotent: true } }],
    ['a cache that all have left', { timeout: 10, cache: 1000 }],
    ['a retry that refuses it', { retry: { ...quick, handleResult: () => true } }],
    ['a retry of a timeout', { retry: { ...quick, idempotent: true }, timeout: 10 }],
  ])('under %s', async (_policies, policies) => {
    const clock = new TimerClock();
    const connection = new Socket();
    let connected: Promise<Socket> | undefined;
    const connect = () => (connected ??= new Promise((resolve) => { clock.setTimeout(() => { resolve(connection); }, 60); }));
    const call = withPolicies(() => connect(), { name: 'connect', registry: new BreakerRegistry({ clock }), ...policies });
    const given = call().catch(() => undefined);
    await clock.advance(200);
    await given;
    expect(await connect()).toBe(connection);
    expect(connection.destroyed).toBe(false);
  });
});

describe('rule 47: an answer that comes when nobody waits any more is given up', () => {
  it('of a run that another one of the hedge was faster than, but not the answer they share', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const ends: ((answer: Answer) => void)[] = [];
    const call = withPolicies(() => new Promise<Answer>((resolve) => { ends.push(resolve); }), { name: 'hedged', registry, hedge: { delay: 10, maxHedges: 2, idempotent: true } });
    const given = call();
    await clock.advance(25);
    const [first, second] = [new Answer(200), new Answer(200)];
    ends[1]!(first);
    expect(await given).toBe(first);
    ends[0]!(second);
    ends[2]!(first);
    await reactions();
    expect([first.isGivenUp, second.isGivenUp]).toEqual([false, true]);
  });

  it('of a run that its caller left when its time was up', async () => {
    const clock = new TimerClock();
    let end!: (answer: Answer) => void;
    const call = withPolicies(() => new Promise<Answer>((resolve) => { end = resolve; }), { name: 'late', registry: new BreakerRegistry({ clock }), timeout: 10 });
    const given = rejectionOf(call());
    await clock.advance(10);
    expect(await given).toMatchObject({ code: 'BREAKER_TIMEOUT' });
    const answer = new Answer(200);
    end(answer);
    await reactions();
    expect(answer.isGivenUp).toBe(true);
  });

  it('of a shared run that all have left', async () => {
    const clock = new TimerClock();
    const caller = new Breaker({ clock });
    let end!: (answer: Answer) => void;
    const call = withPolicies(() => new Promise<Answer>((resolve) => { end = resolve; }), { name: 'cached', registry: new BreakerRegistry({ clock }), cache: 1000 });
    const controllers = [new AbortController(), new AbortController()];
    const given = controllers.map(({ signal }) => rejectionOf(caller.execute(() => call(), { signal })));
    await reactions();
    for (const controller of controllers) controller.abort();
    await Promise.all(given);
    const answer = new Answer(200);
    end(answer);
    await reactions();
    expect(answer.isGivenUp).toBe(true);
  });
});
