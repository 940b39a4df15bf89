import { Breaker, BreakerRegistry, withBreaker, type BreakerOptions } from '../../lib';
import { configureBreaker } from '../../lib/breaker/configure';
import { setOverride } from '../../lib/breaker/override';
import { TimerClock } from '../support/timer-clock';
import { settled } from './testbed';

const RECOVERY = 1000;

/** A breaker with waiters: who went on, in order. */
class Waiters {
  readonly clock = new TimerClock();
  readonly breaker: Breaker;
  readonly wentOn: string[] = [];

  constructor(options: BreakerOptions = {}) {
    this.breaker = new Breaker({ clock: this.clock, recoveryTimeout: RECOVERY, failureThreshold: 1, ...options });
  }

  wait(name: string, signal?: AbortSignal): void {
    void this.breaker.ready({ signal }).then(
      () => this.wentOn.push(name),
      (reason: unknown) => this.wentOn.push(`${name}: ${String(reason)}`),
    );
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await settled();
  }
}

// Rule 62.
describe('rule 62: ready()', () => {
  it('resolves at once while the circuit is closed, without a timer', async () => {
    const waiters = new Waiters();

    waiters.wait('a');
    await settled();

    expect(waiters.wentOn).toEqual(['a']);
    expect(waiters.clock.armed).toBe(0);
  });

  it('waits for the open time with one timer for each waiter, and lets one go on for one probe', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    waiters.wait('a');
    waiters.wait('b');
    await waiters.advance(RECOVERY - 1);
    expect(waiters.wentOn).toEqual([]);
    expect(waiters.clock.armed).toBe(2);

    await waiters.advance(1);

    expect(waiters.wentOn).toEqual(['a']);
    expect(waiters.breaker.tryAcquire()).toBeDefined();
  });

  it('lets the others go on when the probe closes the circuit', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    for (const name of ['a', 'b', 'c']) waiters.wait(name);
    await waiters.advance(RECOVERY);

    waiters.breaker.acquire().success();
    await settled();

    expect(waiters.wentOn).toEqual(['a', 'b', 'c']);
    expect(waiters.clock.armed).toBe(0);
  });

  it('makes the others wait for another open time when the probe fails', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    for (const name of ['a', 'b']) waiters.wait(name);
    await waiters.advance(RECOVERY);
    waiters.breaker.acquire().failure();
    await waiters.advance(RECOVERY - 1);
    expect(waiters.wentOn).toEqual(['a']);

    await waiters.advance(1);

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('lets as many go on as there are free slots, those of probes under way not counted', async () => {
    const waiters = new Waiters({ halfOpen: { maxCalls: 3 } });
    waiters.breaker.trip();
    await waiters.advance(RECOVERY);
    waiters.breaker.acquire();

    for (const name of ['a', 'b', 'c']) waiters.wait(name);
    await settled();

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('gives the slot of a silent probe to the next after probeTimeout', async () => {
    const waiters = new Waiters({ halfOpen: { probeTimeout: 300 } });
    waiters.breaker.trip();
    for (const name of ['a', 'b']) waiters.wait(name);
    await waiters.advance(RECOVERY);
    waiters.breaker.acquire();
    await waiters.advance(299);
    expect(waiters.wentOn).toEqual(['a']);

    await waiters.advance(1);

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('gives the slot of a waiter who made no call to the next after probeTimeout', async () => {
    const waiters = new Waiters({ halfOpen: { probeTimeout: 300 } });
    waiters.breaker.trip();
    for (const name of ['a', 'b']) waiters.wait(name);
    await waiters.advance(RECOVERY);
    await waiters.advance(300);

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('gives the slot of a probe that said nothing to the next at once', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    for (const name of ['a', 'b']) waiters.wait(name);
    await waiters.advance(RECOVERY);

    waiters.breaker.acquire().ignore();
    await settled();

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('gives the slots that an operator adds to the next at once', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    await waiters.advance(RECOVERY);
    for (const name of ['a', 'b', 'c']) waiters.wait(name);

    configureBreaker(waiters.breaker, { halfOpen: { maxCalls: 2 } });
    await settled();

    expect(waiters.wentOn).toEqual(['a', 'b']);
  });

  it('waits for the open time that an operator shortens', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    waiters.wait('a');

    configureBreaker(waiters.breaker, { recoveryTimeout: 300 });
    await waiters.advance(299);
    expect(waiters.wentOn).toEqual([]);
    await waiters.advance(1);

    expect(waiters.wentOn).toEqual(['a']);
  });

  it('lets a waiter come back after its probe has failed', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    for (const round of ['first', 'second', 'third']) {
      waiters.wait(round);
      await waiters.advance(RECOVERY);
      waiters.breaker.acquire().failure();
    }

    expect(waiters.wentOn).toEqual(['first', 'second', 'third']);
  });

  it('rejects with the reason of its signal, and leaves nothing behind', async () => {
    const waiters = new Waiters();
    waiters.breaker.trip();
    const controller = new AbortController();
    waiters.wait('a', controller.signal);

    controller.abort('closing');
    await settled();
    waiters.wait('b', controller.signal);
    await settled();

    expect(waiters.wentOn).toEqual(['a: closing', 'b: closing']);
    expect(waiters.clock.armed).toBe(0);
  });

  it('has no timer when there is no end in sight, and goes on when the circuit closes', async () => {
    const waiters = new Waiters({ recoveryTimeout: Infinity });
    waiters.breaker.trip();
    waiters.wait('a');
    await settled();
    expect(waiters.clock.armed).toBe(0);

    waiters.breaker.reset();
    await settled();

    expect(waiters.wentOn).toEqual(['a']);
  });

  it.each([
    ['is cleared', Infinity, (waiters: Waiters) => { setOverride(waiters.breaker, undefined); return settled(); }],
    ['ends', 500, (waiters: Waiters) => waiters.advance(500)],
  ])('goes on when the override that forces the circuit open %s', async (_how, forMs, end) => {
    const waiters = new Waiters();
    setOverride(waiters.breaker, { kind: 'forced_open', untilMs: waiters.breaker.ageNow() + forMs, reason: undefined });
    waiters.wait('a');
    await settled();
    expect(waiters.wentOn).toEqual([]);

    await end(waiters);

    expect(waiters.wentOn).toEqual(['a']);
  });

  it('refuses wrong options', async () => {
    await expect(new Breaker({ name: 'jobs' }).ready({ signal: {} } as never)).rejects.toMatchObject({ code: 'BREAKER_CONFIG', message: expect.stringContaining('ready of jobs: signal') });
  });

  it('is there by name: of an operation, of a key, and of what has no breaker yet', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });

    await expect(registry.ready('unknown')).resolves.toBeUndefined();
    await expect(registry.ready('unknown', { key: 'eu' })).resolves.toBeUndefined();
  });

  it.each<[string, (registry: BreakerRegistry) => void]>([
    ['deleted', (registry) => registry.delete('jobs')],
    ['given a breaker for each key by a site that is evaluated again', (registry) => {
      registry.table.get('jobs')!.adopt({ key: (key: string) => key });
    }],
  ])('goes on when its operation is %s while the circuit is open without end', async (_how, drop) => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const jobs = withBreaker(async (_key: string) => 'done', { name: 'jobs', registry, recoveryTimeout: Infinity });
    const breaker = jobs.breaker!;
    breaker.trip();
    const wentOn: string[] = [];
    void breaker.ready().then(() => wentOn.push('breaker'));
    void registry.ready('jobs').then(() => wentOn.push('name'));
    await settled();
    expect(wentOn).toEqual([]);

    drop(registry);
    await settled();

    expect(wentOn).toEqual(['breaker', 'name']);
    await expect(breaker.ready()).resolves.toBeUndefined();
    expect(breaker.state).toBe('open');
  });

  it('goes on when the breaker of its key is dropped with its operation', async () => {
    const registry = new BreakerRegistry({ clock: new TimerClock() });
    const jobs = withBreaker(async (_key: string) => 'done', { name: 'jobs', registry, key: (key: string) => key });
    await jobs('eu');
    const breaker = registry.get('jobs', 'eu') as Breaker;
    setOverride(breaker, { kind: 'forced_open', untilMs: Infinity, reason: undefined });
    let isReady = false;
    void registry.ready('jobs', { key: 'eu' }).then(() => { isReady = true; });
    await settled();
    expect(isReady).toBe(false);

    registry.delete('jobs');
    await settled();

    expect(isReady).toBe(true);
    await expect(jobs('eu')).resolves.toBe('done');
  });
});
