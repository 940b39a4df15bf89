import { Breaker, BreakerRegistry, RetryBudget, withBreaker, withPolicies, type Clock } from '../../lib';
import * as operate from '../../lib/operate';
import { memoryStore, shareBreakers } from '../../lib/fleet';
import { TimerClock } from '../support/timer-clock';

const MINUTE = 60_000;
const FROZEN = 10 * MINUTE;

/** A clock of which a process that is frozen sees the wall time go on alone. */
class FreezableClock extends TimerClock {
  #frozenMs = 0;

  override wallTime(): number {
    return super.wallTime() + this.#frozenMs;
  }

  freeze(durationMs: number): void {
    this.#frozenMs += durationMs;
  }
}

/** A state whose time is shorter than the process is frozen: what is left of it afterwards? */
type State = (clock: Clock) => Promise<() => 'as before' | 'aged' | Promise<'as before' | 'aged'>>;

const fail = (): Promise<never> => Promise.reject(new Error('down'));
const aged = (isAged: boolean): 'as before' | 'aged' => (isAged ? 'aged' : 'as before');

const STATES: Record<string, State> = {
  'an open time': async (clock) => {
    const breaker = new Breaker({ clock, recoveryTimeout: '1m' });
    breaker.trip();
    return () => aged(breaker.tryAcquire() !== undefined);
  },

  'an open time, as it is read': async (clock) => {
    const breaker = new Breaker({ clock, recoveryTimeout: '1m' });
    breaker.trip();
    return () => aged(breaker.state === 'half_open' && breaker.retryAfter === 0 && operate.snapshot(breaker).state === 'half_open');
  },

  'an override with an end': async (clock) => {
    const breaker = new Breaker({ clock });
    operate.forceOpen(breaker, { for: '1m' });
    return () => aged(breaker.override === undefined && breaker.tryAcquire() !== undefined);
  },

  'a time window that would trip': async (clock) => {
    const breaker = new Breaker({ clock, window: { type: 'time', duration: '1m', minimumCalls: 4 } });
    for (let n = 0; n < 3; n++) breaker.acquire().failure();
    return () => {
      breaker.acquire().failure();
      return aged(breaker.state === 'closed' && breaker.stats.failureRate === 1);
    };
  },

  'a time window that a success would trip': async (clock) => {
    const breaker = new Breaker({ clock, window: { type: 'time', duration: '1m', minimumCalls: 4 } });
    for (let n = 0; n < 3; n++) breaker.acquire().failure();
    return () => {
      breaker.acquire().success();
      return aged(breaker.state === 'closed' && breaker.stats.failureRate === 0);
    };
  },

  'a time window of slow calls': async (clock) => {
    const window = { type: 'time', duration: '1m', minimumCalls: 2, slowCallDuration: 10, slowCallRate: 0.5 } as const;
    const breaker = new Breaker({ clock, window });
    const take = async (): Promise<void> => {
      const permit = breaker.acquire();
      await (clock as TimerClock).advance(11);
      permit.success();
    };
    await take();
    return async () => {
      await take();
      return aged(breaker.state === 'closed' && breaker.stats.slowRate === 1);
    };
  },

  'the rates of a time window': async (clock) => {
    const breaker = new Breaker({ clock, window: { type: 'time', duration: '1m' } });
    breaker.acquire().failure();
    return () => aged(breaker.stats.failureRate === 0);
  },

  'a cached result': async (clock) => {
    let version = 1;
    const read = withPolicies(async () => version, { name: 'read', registry: new BreakerRegistry({ clock }), cache: '1m' });
    await read();
    version = 2;
    return async () => aged((await read()) === 2);
  },

  'the tokens of a rate limit': async (clock) => {
    const send = withPolicies(async () => 'sent', { name: 'send', registry: new BreakerRegistry({ clock }), rateLimit: { limit: 1, interval: '1m' } });
    await send();
    return async () => aged((await send().catch(() => '')) === 'sent');
  },

  'the tokens of a retry budget': async (clock) => {
    const budget = new RetryBudget({ clock, minPerSecond: 1, ttl: '1s' });
    budget.withdraw(undefined);
    return () => aged(budget.tryWithdraw(undefined));
  },

  'the history of a throttle': async (clock) => {
    const registry = new BreakerRegistry({ clock, random: () => 0 });
    let isDown = true;
    const send = withPolicies(async () => (isDown ? fail() : 'sent'), { name: 'send', registry, throttle: { window: '1m' } });
    await send().catch(() => undefined);
    isDown = false;
    return async () => aged((await send().catch(() => '')) === 'sent');
  },

  'an idle key': async (clock) => {
    const registry = new BreakerRegistry({ clock });
    const get = withBreaker(async (host: string) => host, { name: 'get', registry, key: (host) => host, idleKeys: '1m' });
    await get('a');
    await get('a');
    return async () => {
      await get('b');
      return aged(registry.get('get', 'a') === undefined);
    };
  },

  'a restored open time': async (clock) => {
    const saved = new Breaker({ clock, recoveryTimeout: '20m' });
    saved.trip();
    const breaker = new Breaker({ clock, recoveryTimeout: '20m' });
    const snapshot = operate.snapshot(saved);
    return () => {
      // By the wall time in between, once and not twice.
      operate.restore(breaker, snapshot);
      return aged(breaker.retryAfter === 10 * MINUTE);
    };
  },
};

describe('rule 35: frozen time counts', () => {
  it.each(Object.entries(STATES))('for %s', async (_what, begin) => {
    const clock = new FreezableClock();
    const look = await begin(clock);

    clock.freeze(FROZEN);

    expect(await look()).toBe('aged');
  });

  it.each(Object.entries(STATES))('only where the wall clock is ahead: %s, which is put back, and forward again', async (_what, begin) => {
    const clock = new FreezableClock();
    const look = await begin(clock);

    clock.freeze(-FROZEN);
    new Breaker({ clock }).trip(); // who looks at it in between
    clock.freeze(FROZEN);

    expect(await look()).toBe('as before');
  });

  const seen = Object.entries(STATES).filter(([what]) => what !== 'a restored open time');

  it.each(seen)('nothing of it is seen by a clock without a wall time: %s', async (_what, begin) => {
    const clock = new FreezableClock();
    Object.assign(clock, { wallTime: undefined });
    const look = await begin(clock);
    const { now } = Date;
    Date.now = () => now() + FROZEN;
    try {
      expect(await look()).toBe('as before');
    } finally {
      Date.now = now;
    }
  });

  describe('by the system’s clock', () => {
    const { now } = Date;
    let frozenMs = 0;

    beforeAll(() => {
      Date.now = () => now() + frozenMs;
    });

    afterAll(() => {
      Date.now = now;
    });

    // The one that moves its clock itself needs a clock of its own.
    it.each(seen.filter(([what]) => what !== 'a time window of slow calls'))('for %s', async (_what, begin) => {
      const look = await begin(undefined as never);

      frozenMs += FROZEN;

      expect(await look()).toBe('aged');
    });
  });

  it('makes an open circuit stay open for its whole time after the process has gone on', () => {
    const clock = new FreezableClock();
    const breaker = new Breaker({ clock, failureThreshold: 2, recoveryTimeout: '1m' });
    breaker.acquire().failure();
    clock.freeze(FROZEN);

    breaker.acquire().failure();

    expect(breaker).toMatchObject({ state: 'open', retryAfter: MINUTE });
  });

  it('gives one burst of tokens, not one for the time before it was noticed as well', async () => {
    const clock = new FreezableClock();
    const send = withPolicies(async () => 'sent', { name: 'send', registry: new BreakerRegistry({ clock }), rateLimit: { limit: 5, interval: '1m' } });
    await send();
    clock.freeze(FROZEN);

    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => send()));

    expect(calls.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('lets those through who wait for a token, when the next call comes', async () => {
    const clock = new FreezableClock();
    const registry = new BreakerRegistry({ clock });
    const send = withPolicies(async () => 'sent', { name: 'send', registry, rateLimit: { limit: 2, interval: '1h', maxWait: '1h' } });
    await Promise.all([send(), send()]);
    const waiting = send();
    clock.freeze(60 * MINUTE);

    expect(await send()).toBe('sent');

    expect(await waiting).toBe('sent');
    expect(clock.armed).toBe(0);
  });

  it('tells of the outage with the frozen time in it', () => {
    const clock = new FreezableClock();
    const breaker = new Breaker({ clock, recoveryTimeout: '1m' });
    const outages: unknown[] = [];
    breaker.on('transition', ({ outage }) => outages.push(outage));
    breaker.trip();
    clock.freeze(FROZEN);

    breaker.acquire().success();

    expect(outages).toEqual([undefined, undefined, { duration: FROZEN, rejected: 0 }]);
  });
});

describe('rule 35: frozen time does not count', () => {
  it('for timeouts and latencies of running calls', async () => {
    const clock = new FreezableClock();
    const registry = new BreakerRegistry({ clock });
    const durations: number[] = [];
    const answer = async (): Promise<string> => {
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, 50);
      });
      return 'answer';
    };
    const window = { type: 'count', size: 1, slowCallDuration: 100, slowCallRate: 1 } as const;
    const call = withPolicies(answer, { name: 'call', registry, timeout: '1m', breaker: { window } });
    call.breaker!.on('success', ({ duration }) => durations.push(duration));
    const calling = call();
    clock.freeze(FROZEN);

    expect(await clock.until(calling)).toBe('answer');

    expect(durations).toEqual([50]);
    expect(call.breaker).toMatchObject({ state: 'closed', stats: { slow: 0 } });
  });

  it('for the slot of a running probe', () => {
    const clock = new FreezableClock();
    const breaker = new Breaker({ clock, recoveryTimeout: '1m', halfOpen: { probeTimeout: '2m' } });
    breaker.trip();
    clock.freeze(FROZEN);
    const probe = breaker.acquire();

    clock.freeze(FROZEN);

    expect(breaker.tryAcquire()).toBeUndefined();
    probe.success();
    expect(breaker.state).toBe('closed');
  });

  it('for `maxElapsed` and the waits of a retry', async () => {
    const clock = new FreezableClock();
    const registry = new BreakerRegistry({ clock });
    const fn = jest.fn(fail);
    const call = withPolicies(fn, { name: 'call', registry, retry: { maxAttempts: 3, baseDelay: 1000, jitter: false, maxElapsed: '1m' } });
    const calling = call().catch((error: Error) => error.message);
    clock.freeze(FROZEN);

    expect(await clock.until(calling)).toBe('down');

    expect(fn).toHaveBeenCalledTimes(3);
    expect(clock.delays).toEqual([1000, 2000]);
  });

  it('for the lease of a fleet’s probe', async () => {
    const clock = new FreezableClock();
    const registry = new BreakerRegistry({ clock });
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isDown = true;
    const call = withBreaker(
      async () => {
        if (isDown) throw new Error('down');
        await held;
        return 'served';
      },
      { name: 'pay', registry, failureThreshold: 1, recoveryTimeout: '1m' },
    );
    const sharing = shareBreakers(registry, memoryStore({ clock }), { quorum: { min: 1, ratio: 0.5 } });
    try {
      await call().catch(() => undefined);
      await clock.advance(100);
      isDown = false;
      await clock.advance(MINUTE);
      const probing = call().catch((error: Error) => error.name);
      await clock.advance(10);
      clock.freeze(FROZEN);
      expect(registry.get('pay')?.state).toBe('half_open');
      release();

      expect(await probing).toBe('served');
    } finally {
      sharing.stop();
    }
  });
});
