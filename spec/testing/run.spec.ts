import {
  Breaker, BreakerRegistry, CircuitOpenError, currentCall, registry, Retry, withBreaker, withPolicies, withRegistry, withRetry,
} from '../../lib';
import { configure } from '../../lib/operate';
import { CircuitBreakerStrategy, ErrorRecoveryManager } from '../../lib/recovery';
import { testKit } from '../../lib/testing';

// As a program has them: protected when its modules are loaded.
const fail = async (): Promise<string> => {
  throw new Error('down');
};
const pay = withBreaker(fail, { name: 'pay', failureThreshold: 2, recoveryTimeout: '60s' });
const search = withRetry(withBreaker(async (term: string) => term, { name: 'search', failureThreshold: 3 }), {
  maxAttempts: 3,
  baseDelay: 100,
  jitter: false,
});
const kit = testKit({ seed: 7 });

async function openPay(): Promise<void> {
  await pay().catch(() => undefined);
  await pay().catch(() => undefined);
}

it('gives what is called inside a registry of its own', async () => {
  await kit.run(async () => {
    await openPay();
    expect(pay.breaker?.state).toBe('open');
  });
  expect(pay.breaker?.state).toBe('closed');
  expect(registry.get('pay')?.stats.calls).toBe(0);
});

it('gives back what the test gives, and rejects with what it throws', async () => {
  await expect(kit.run(() => 'answer')).resolves.toBe('answer');
  await expect(kit.run(() => Promise.reject(new Error('of the test')))).rejects.toThrow('of the test');
  await expect(
    kit.run(() => {
      throw new Error('at once');
    }),
  ).rejects.toThrow('at once');
});

it('keeps concurrent tests apart: state, time, faults and waits', async () => {
  const test = (failures: number, waitMs: number) =>
    kit.run(async () => {
      kit.fault('search', { sequence: Array<'fail'>(failures).fill('fail') });
      const call = search('x').catch(() => undefined);
      await kit.advance(waitMs);
      await call;
      return { waits: kit.sleeps('search'), state: search.breaker?.state, attempts: search.breaker?.stats.calls };
    });
  const [one, other] = await Promise.all([test(1, 100), test(3, 300)]);
  expect(one).toEqual({ waits: [100], state: 'closed', attempts: 2 });
  expect(other).toEqual({ waits: [100, 200], state: 'open', attempts: 3 });
});

it('lets time stand still inside, until it is moved', async () => {
  await kit.run(async () => {
    await openPay();
    await expect(pay()).rejects.toMatchObject({ retryAfter: 60_000 });
    await kit.advance('59999ms');
    expect(pay.breaker?.retryAfter).toBe(1);
    await kit.advance(1);
    expect(pay.breaker?.state).toBe('half_open');
  });
});

it('lets timers fire in the order of their time, with all that follows from each before the next', async () => {
  await kit.run(async () => {
    const seen: string[] = [];
    const slow = withPolicies(() => new Promise<never>(() => {}), { name: 'slow', timeout: '150ms' });
    const noting = withRetry(
      async () => {
        seen.push('attempt');
        throw new Error('down');
      },
      { name: 'noting', maxAttempts: 3, baseDelay: 100, backoff: 'fixed', jitter: false },
    );
    const calls = [slow().catch(() => seen.push('timeout')), noting().catch(() => seen.push('gave up'))];
    await kit.advance(1000);
    await Promise.all(calls);
    expect(seen).toEqual(['attempt', 'attempt', 'timeout', 'attempt', 'gave up']);
  });
});

it('fires no timer before its time', async () => {
  await kit.run(async () => {
    kit.fault('search', { sequence: ['fail'] });
    let settled = false;
    const call = search('x').then(() => (settled = true));
    await kit.advance(99);
    expect(settled).toBe(false);
    await kit.advance(1);
    expect(settled).toBe(true);
    await call;
  });
});

it('reaches breakers by themselves, and the recovery manager, which know no registry of the run', async () => {
  await kit.run(async () => {
    const alone = new Breaker({ failureThreshold: 1, recoveryTimeout: '5s' });
    await alone.execute(fail).catch(() => undefined);
    await kit.advance('5s');
    expect(alone.state).toBe('half_open');

    const manager = new ErrorRecoveryManager({ retryStrategy: new CircuitBreakerStrategy({ maxAttempts: 3, baseDelay: '10s', jitter: false }) });
    const call = manager.executeWithRetry(fail, { operationName: 'recovered' }).catch((error: Error) => error.message);
    await kit.advance('30s');
    await expect(call).resolves.toBe('down');
    expect(kit.sleeps('recovered')).toEqual([10_000, 20_000]);
  });
});

it('leaves policies their own clock and registry', async () => {
  const own = new BreakerRegistry();
  let nowMs = 0;
  const clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => undefined };
  const timed = withBreaker(fail, { name: 'timed', failureThreshold: 1, recoveryTimeout: 10, clock });
  const elsewhere = withBreaker(fail, { name: 'elsewhere', failureThreshold: 1, registry: own });
  await kit.run(async () => {
    await timed().catch(() => undefined);
    await kit.advance('1h');
    expect(timed.breaker?.state).toBe('open');
    nowMs = 10;
    expect(timed.breaker?.state).toBe('half_open');
    await elsewhere().catch(() => undefined);
  });
  expect(own.get('elsewhere')?.state).toBe('open');
});

it('takes over what was configured, and the defaults, but nothing that is configured in it stays', async () => {
  const base = new BreakerRegistry({ defaults: { failureThreshold: 4 } });
  configure(base, 'pay.*', { recoveryTimeout: '7s' });
  await withRegistry(base, () =>
    kit.run(() => {
      const charge = withBreaker(fail, { name: 'pay.charge' });
      expect(charge.breaker).toMatchObject({ name: 'pay.charge' });
      kit.open(charge);
      expect(charge.breaker?.retryAfter).toBe(7000);
    }),
  );
  expect(base.names()).toEqual([]);
});

it('knows the operations of the registries around it by name, also before they are called in it', async () => {
  await withRegistry(new BreakerRegistry(), async () => {
    const charge = withBreaker(async () => 'charged', { name: 'pay.charge' });
    await charge();
    await kit.run(async () => {
      const refund = withBreaker(async () => 'refunded', { name: 'pay.refund' });
      await refund();
      await kit.run(async () => {
        kit.open('pay.charge');
        kit.open('pay.refund');
        await expect(charge()).rejects.toBeInstanceOf(CircuitOpenError);
        await expect(refund()).rejects.toBeInstanceOf(CircuitOpenError);
        expect(() => kit.open('pay.chrage')).toThrow('did you mean pay.charge?');
      });
      await expect(refund()).resolves.toBe('refunded');
    });
    await expect(charge()).resolves.toBe('charged');
  });
});

it('repeats chance from its seed', async () => {
  const jittered = withRetry(fail, { name: 'jittered', maxAttempts: 4, jitter: 'full' });
  const waits = (seed: number) =>
    testKit({ seed }).run(async () => {
      kit.instantRetries();
      await jittered().catch(() => undefined);
      return kit.sleeps('jittered');
    });
  const [one, again, other] = await Promise.all([waits(1), waits(1), waits(2)]);
  expect(one).toHaveLength(3);
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
});

it('lets what a timer starts run in the asynchronous context of who armed it', async () => {
  class Service {
    seen: (string | undefined)[] = [];

    @Retry({ name: 'seen', maxAttempts: 2, baseDelay: 10, jitter: false })
    async call(): Promise<void> {
      await Promise.resolve();
      this.seen.push(currentCall()?.operation);
      throw new Error('down');
    }
  }
  await kit.run(async () => {
    const service = new Service();
    const call = service.call().catch(() => undefined);
    await kit.advance(10);
    await call;
    expect(service.seen).toEqual(['seen', 'seen']);
  });
});

it('skips time outside of runs, where it passes by itself', async () => {
  await openPay();
  await expect(pay()).rejects.toBeInstanceOf(CircuitOpenError);
  await kit.advance('60s');
  expect(pay.breaker?.state).toBe('half_open');
  pay.breaker?.reset();
  kit.fault(search, { sequence: ['fail', 'fail'] });
  const call = search('x');
  await kit.advance('300ms');
  await expect(call).resolves.toBe('x');
  expect(kit.sleeps(search)).toEqual([100, 200]);
});

it('lets what falls due at the very end of a skip happen in it, though time passes by itself meanwhile', async () => {
  const chain = withRetry(fail, { name: 'chain', maxAttempts: 4, baseDelay: 1000, jitter: false });
  let isOver = false;
  const call = chain().catch(() => (isOver = true));
  await kit.advance('7s');
  expect(isOver).toBe(true);
  await call;
});

it('names all that is wrong with its input', async () => {
  expect(() => testKit({ seed: -1, sed: 1 } as never)).toThrow(/seed: must be an integer >= 0; received -1[\s\S]*sed: unknown option; did you mean seed\?/);
  await expect(kit.run(5 as never)).rejects.toThrow(/kit\.run: must be a function; received 5/);
  await expect(kit.advance('soon' as never)).rejects.toThrow(/kit\.advance: must be a duration >= 0/);
  await expect(kit.advance(-1)).rejects.toThrow(/must be a duration >= 0/);
});

describe('rule 35: frozen time, where the kit owns the clock', () => {
  const { now } = Date;
  let frozenMs = 0;

  beforeEach(() => {
    Date.now = () => now() + frozenMs;
  });

  afterEach(() => {
    Date.now = now;
  });

  it('is not seen within a run, whose time stands still, also by what goes by the system’s clock there', async () => {
    let goOn!: () => void;
    const otherHasRun = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const running = kit.run(async () => {
      const breaker = new Breaker({ recoveryTimeout: '60s' });
      breaker.trip();
      await otherHasRun;

      expect(breaker).toMatchObject({ state: 'open', retryAfter: 60_000 });
      await kit.advance('60s');
      expect(breaker.state).toBe('half_open');
    });
    frozenMs += 600_000;
    // Another run, which begins at another wall time.
    await kit.run(() => {
      new Breaker().trip();
    });
    goOn();

    await running;
  });

  it('is seen outside of runs, where time passes by itself', async () => {
    const breaker = new Breaker({ recoveryTimeout: '60s' });
    breaker.trip();
    await kit.run(() => {
      new Breaker().trip();
    });
    expect(breaker.state).toBe('open');

    frozenMs += 600_000;

    expect(breaker.state).toBe('half_open');
  });

  it('does not add to the time that the kit moves on', async () => {
    const breaker = new Breaker({ recoveryTimeout: '10m' });
    breaker.trip();

    await kit.advance('60s');

    expect(breaker.retryAfter).toBeLessThanOrEqual(540_000);
    expect(breaker.retryAfter).toBeGreaterThan(480_000);
  });
});
