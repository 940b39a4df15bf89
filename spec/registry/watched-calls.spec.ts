import { type AttemptEndEvent, Breaker, breakerOf, BreakerRegistry, type CallEvent, type LateEvent, type TransitionEvent, withBreaker, withBreakerSync, withPolicies } from '../../lib';
import * as operate from '../../lib/operate';
import { fails, pending, rejectionOf, scripted, works } from '../composition/support/flaky';
import { TimerClock } from '../support/timer-clock';

let clock: TimerClock;
let registry: BreakerRegistry;
let calls: CallEvent[];
let attempts: AttemptEndEvent[];

beforeEach(() => {
  clock = new TimerClock();
  registry = new BreakerRegistry({ clock });
  calls = [];
  attempts = [];
  registry.on('call', (event) => calls.push(event));
  registry.on('attempt', (event) => attempts.push(event));
});

const ends = () => calls.map(({ outcome, counted, state }) => [outcome, counted, state]);
const kinds = () => attempts.map(({ kind, outcome }) => [kind, outcome]);
const abort = () => new DOMException('enough', 'AbortError');

describe('the event of a call', () => {
  it('says ignored where its caller left before any attempt, whatever the reason (rule 40)', async () => {
    const controller = new AbortController();
    const fn = pending();
    const call = withPolicies(fn, { name: 'shared', registry, cache: 1000 });
    const first = call();
    // It waits for the run of the first one.
    const left = rejectionOf(new Breaker({ clock }).execute(() => call(), { signal: controller.signal }));
    controller.abort(new Error('the client left'));
    expect(await left).toMatchObject({ message: 'the client left' });
    expect(ends()).toEqual([['failure', 'ignored', undefined]]);
    fn.calls[0]!.resolve('it');
    await first;
  });

  it('tells what its last attempt counted as, where the caller sees something else', async () => {
    const options = { name: 'a', registry, handle: TypeError, handleResult: (value: unknown) => value === 503 };
    const call = withBreaker(scripted(works(503), fails(new Error('404')), fails(abort()), works('fine')), options);
    await call();
    await rejectionOf(call());
    await rejectionOf(call());
    await call();
    expect(ends()).toEqual([
      ['success', 'failure', 'closed'],
      ['failure', 'success', 'closed'],
      ['failure', 'ignored', 'closed'],
      ['success', 'success', 'closed'],
    ]);
  });

  it('tells the state that the call left the breaker in, and that which rejected it', async () => {
    const call = withBreaker(scripted(fails()), { name: 'a', registry, failureThreshold: 1 });
    await rejectionOf(call());
    await rejectionOf(call());
    expect(ends()).toEqual([['failure', 'failure', 'open'], ['rejected', undefined, 'open']]);
  });

  it('tells of a use that cannot work as of a failure: no policy rejected it', async () => {
    const call = withBreaker(async (_host: string) => 1, { name: 'a', registry, key: () => 5 as never });
    await rejectionOf(call('a.test'));
    expect(ends()).toEqual([['failure', undefined, undefined]]);
  });

  it('tells that the result came late', async () => {
    const fn = pending();
    const call = withBreaker(fn, { name: 'a', registry });
    const running = call();
    call.breaker!.reset();
    fn.calls[0]!.resolve();
    await running;
    expect(ends()).toEqual([['success', 'late', 'closed']]);
  });

  it('does not tell what was counted when a fallback answered in its place', async () => {
    await withPolicies(scripted(fails()), { name: 'a', registry, breaker: {}, fallback: () => 'instead' })();
    expect(ends()).toEqual([['success', undefined, 'closed']]);
  });

  it('tells what the winner of a race counted as, not the runs that it ended', async () => {
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry, hedge: { delay: 10, idempotent: true }, breaker: {} });
    const running = call();
    await clock.advance(10);
    fn.calls[1]!.resolve();
    await running;
    expect(ends()).toEqual([['success', 'success', 'closed']]);
  });

  it('comes from synchronous functions, too', () => {
    const half = withBreakerSync((n: number) => { if (n % 2 !== 0) throw new RangeError('odd'); return n / 2; }, { name: 'half', registry, failureThreshold: 1 });
    half(4);
    expect(() => half(3)).toThrow(RangeError);
    expect(() => half(4)).toThrow(/circuit/i);
    expect(ends()).toEqual([['success', 'success', 'closed'], ['failure', 'failure', 'open'], ['rejected', undefined, 'open']]);
    expect(kinds()).toEqual([['first', 'success'], ['first', 'failure']]);
    expect(attempts[0]!.callId).toBe(calls[0]!.callId);
  });
});

describe('the event of an attempt', () => {
  it('tells the first from those that a retry made', async () => {
    await clock.until(withPolicies(scripted(fails(), works()), { name: 'a', registry, retry: { baseDelay: 5 } })());
    expect(kinds()).toEqual([['first', 'failure'], ['retry', 'success']]);
  });

  it('tells a probe', async () => {
    const call = withBreaker(scripted(works()), { name: 'a', registry, recoveryTimeout: 10 });
    call.breaker!.trip();
    await clock.advance(10);
    await call();
    await call();
    expect(kinds()).toEqual([['probe', 'success'], ['first', 'success']]);
  });

  it('tells a probe of a synchronous function and of a stream', async () => {
    const sync = withBreakerSync(() => 1, { name: 'sync', registry, recoveryTimeout: 10 });
    const stream = withBreaker(async function* () { yield 1; }, { name: 'stream', registry, recoveryTimeout: 10 });
    sync.breaker!.trip();
    stream.breaker!.trip();
    await clock.advance(10);
    sync();
    for await (const _item of stream());
    expect(kinds()).toEqual([['probe', 'success'], ['probe', 'success']]);
  });

  it('tells a hedge from the run beside which it runs', async () => {
    const fn = pending();
    const call = withPolicies(fn, { name: 'a', registry, hedge: { delay: 10, idempotent: true } });
    const running = call();
    await clock.advance(10);
    fn.calls[1]!.resolve('second');
    await running;
    fn.calls[0]!.resolve('first');
    await clock.advance(0);
    expect(kinds()).toEqual([['hedge', 'success'], ['first', 'success']]);
  });
});

describe('what a closing circuit tells', () => {
  const heard = () => {
    const transitions: TransitionEvent[] = [];
    registry.on('transition', (event) => transitions.push(event));
    return transitions;
  };

  it('is how long the outage was, reopenings included, and what it rejected', async () => {
    const transitions = heard();
    const call = withBreaker(scripted(fails(), fails(), works()), { name: 'a', registry, failureThreshold: 1, recoveryTimeout: 100 });
    await rejectionOf(call());
    await rejectionOf(call());
    await clock.advance(100);
    await rejectionOf(call());
    await rejectionOf(call());
    await clock.advance(150);
    await call();
    expect(transitions.map(({ to, outage }) => [to, outage])).toEqual([
      ['open', undefined],
      ['half_open', undefined],
      ['open', undefined],
      ['half_open', undefined],
      ['closed', { duration: 250, rejected: 2 }],
    ]);
  });

  it('is told of a reset, though that forgets the counts, and begins anew with the next outage', async () => {
    const transitions = heard();
    const call = withBreaker(scripted(works()), { name: 'a', registry });
    for (const ms of [30, 20]) {
      call.breaker!.trip();
      await rejectionOf(call());
      await clock.advance(ms);
      call.breaker!.reset();
    }
    expect(transitions.flatMap(({ outage }) => outage ?? [])).toEqual([{ duration: 30, rejected: 1 }, { duration: 20, rejected: 1 }]);
  });

  it('counts from the opening that a snapshot tells of', async () => {
    const before = breakerOf('a', { recoveryTimeout: 100 }, registry);
    before.trip();
    const snapshot = operate.snapshot(before);
    await clock.advance(100);
    registry = new BreakerRegistry({ clock });
    const transitions = heard();
    const after = breakerOf('a', { recoveryTimeout: 100 }, registry);
    operate.restore(after, snapshot);
    await after.execute(() => 1);
    expect(transitions.at(-1)).toMatchObject({ to: 'closed', outage: { duration: 100, rejected: 0 } });
  });
});

it('a late result that nobody timed is told without its duration', async () => {
  registry = new BreakerRegistry({ clock });
  const late: LateEvent[] = [];
  const fn = pending();
  const call = withBreaker(fn, { name: 'a', registry });
  const running = [call(), call()];
  registry.on('late', (event) => late.push(event));
  call.breaker!.trip();
  fn.calls[0]!.resolve('it');
  fn.calls[1]!.reject('down');
  await Promise.allSettled(running);
  const at = clock.wallTime();
  expect(late).toEqual([
    { type: 'late', operation: 'a', at, value: 'it' },
    { type: 'late', operation: 'a', at, error: 'down' },
  ]);
});
