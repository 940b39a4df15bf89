// Policies and a trip rule as a program outside of this package writes them: by what the main entry exports, and nothing else.
import {
  BreakerRegistry, bulkhead, circuitBreaker, ConfigurationError, customPolicy, describePipeline, getPolicies, hedge, Rejection, Refusal, Resilient, retry, timeout, withBreaker, withPolicies,
  type Args, type BreakerObserver, type Call, type CommonOptions, type Driver, type Guard, type Permit, type Policy, type Run, type TripRule,
} from '../../lib';
import { setTimeout as sleep } from 'node:timers/promises';
import { TimerClock } from '../support/timer-clock';

/** Admits one call at a time and lets the others wait, first in, first out; refuses all while it is closed. */
class Gate implements Guard {
  isClosed = false;
  isTaken = false;
  readonly waiting: (() => void)[] = [];
  readonly ends: string[] = [];

  admit(): Permit | undefined {
    if (this.isClosed || this.isTaken) return undefined;
    this.isTaken = true;
    return {
      success: (value) => this.#end('success', value),
      failure: (error) => this.#end('failure', new Rejection(error)),
      ignore: () => void this.#end('ignored', undefined),
    };
  }

  deny(): Refusal | Promise<Permit | Refusal> {
    if (this.isClosed) return new Refusal(new Error('the gate is closed'));
    return new Promise((resolve) => {
      this.waiting.push(() => {
        resolve(this.admit() ?? this.deny());
      });
    });
  }

  blockedMs(): number {
    return this.isClosed ? 1000 : 0;
  }

  #end<T>(how: string, outcome: T): T {
    this.ends.push(how);
    this.isTaken = false;
    this.waiting.shift()?.();
    return outcome;
  }
}

/** Runs what fails a second time, at once. */
const twice: Driver = (next: Run): Run => ({
  run: (call: Call, self: unknown, args: Args) => next.run(call, self, args).catch(() => next.run(call.as(call.attempt + 1, call.cancellation), self, args)),
});

/** Opens when failures outnumber successes by so many. */
class Balance implements TripRule {
  #surplus = 0;

  constructor(private readonly most: number) {}

  record(failed: boolean): string | undefined {
    this.#surplus = Math.max(0, this.#surplus + (failed ? 1 : -1));
    return this.#surplus >= this.most ? 'too many failures' : undefined;
  }

  progress(): string {
    return `${this.#surplus} of ${this.most}`;
  }
}

type Load = (n: number) => Promise<string>;
const allow = ['BREAKER_BOX_RETRY_INSIDE_BREAKER', 'BREAKER_BOX_TIMEOUT_OUTSIDE_RETRY', 'BREAKER_BOX_TIMEOUT_OUTSIDE_BREAKER'] as never;
const gate = (bound: Guard, options: CommonOptions = {}): Policy => customPolicy('gate', () => bound, options);
const secondRun = (options: CommonOptions = {}): Policy => customPolicy('secondRun', () => twice, options);

function permutations<T>(items: readonly T[]): T[][] {
  return items.length < 2 ? [[...items]] : items.flatMap((one, at) => permutations(items.filter((_, other) => other !== at)).map((rest) => [one, ...rest]));
}

describe('custom policies beside ours', () => {
  const makers = {
    retry: (common: CommonOptions) => retry({ maxAttempts: 2, baseDelay: 0, jitter: false, allow, ...common }),
    breaker: (common: CommonOptions) => circuitBreaker({ failureThreshold: 5, recoveryTimeout: '1h', ...common }),
    timeout: (common: CommonOptions) => timeout({ duration: '1h', allow, ...common }),
    gate: (common: CommonOptions) => customPolicy('gate', () => new Gate(), common),
    secondRun,
  };
  type Name = keyof typeof makers;

  /** All that can be seen of some calls, of which each third works, and the others fail once or always. */
  async function seen(order: readonly Name[], protect: (fn: Load, policies: Policy[]) => Load): Promise<unknown> {
    const registry = new BreakerRegistry();
    let runs = 0;
    const load: Load = async (n) => {
      if (n % 3 === 2 || (n % 3 === 1 && ++runs % 2 === 1)) throw new Error(`no ${n}`);
      return `value ${n}`;
    };
    const call = protect(load, order.map((name) => makers[name]({ name: 'op', registry })));
    const outcomes: string[] = [];
    for (let n = 0; n < 9; n++) outcomes.push(await call(n).catch((error: Error) => error.message));
    const { state, stats } = registry.get('op')!;
    return { outcomes, runs, state, calls: stats.calls, failures: stats.failures, together: await Promise.all([call(0), call(0)].map((one) => one.catch(String))) };
  }

  const inList = (fn: Load, policies: Policy[]): Load => withPolicies(fn, policies);
  const nested = (fn: Load, policies: Policy[]): Load => policies.reduceRight((inner, policy) => withPolicies(inner, [policy]), fn);
  const stacked = (fn: Load, policies: Policy[]): Load => {
    const descriptors = policies.reduceRight<PropertyDescriptor>((inner, policy) => {
      class Api {}
      return (Resilient([policy] as never) as unknown as (...member: unknown[]) => PropertyDescriptor)(Api.prototype, 'load', inner);
    }, { value: fn, writable: true, configurable: true });
    return descriptors.value as Load;
  };

  it('stand in any order, and a list, wrappers around wrappers and stacked decorators are the same', async () => {
    for (const order of permutations<Name>(['retry', 'breaker', 'timeout', 'gate', 'secondRun']).filter((_, at) => at % 3 === 0)) {
      const expected = await seen(order, inList);
      expect([order, await seen(order, nested)]).toEqual([order, expected]);
      expect([order, await seen(order, stacked)]).toEqual([order, expected]);
    }
  });

  it.each<[Name[], number]>([
    [['secondRun', 'breaker'], 2],
    [['breaker', 'secondRun'], 1],
    [['retry', 'secondRun', 'breaker'], 4],
    [['secondRun', 'breaker', 'retry'], 2],
  ])('decide by their place what a breaker counts: %s, %s failures', async (order, failures) => {
    const registry = new BreakerRegistry();
    const call = withPolicies(async () => { throw new Error('down'); }, order.map((name) => makers[name]({ name: 'op', registry })));
    await expect(call()).rejects.toThrow('down');
    expect(registry.get('op')!.stats.failures).toBe(failures);
  });

  it('are shown among them', () => {
    const call = withPolicies(async () => 'value', [secondRun(), retry({}), gate(new Gate(), { name: 'shown' })]);
    expect(getPolicies(call)).toMatchObject([{ policy: 'secondRun' }, { policy: 'retry' }, { policy: 'gate' }]);
    expect(describePipeline(call)).toMatch(/^shown\n {2}1\. secondRun\n {2}2\. retry\n[^]*\n {2}3\. gate$/);
  });
});

describe('a guard of the user’s own', () => {
  it('admits, lets wait, and hears of the end of each attempt once', async () => {
    const own = new Gate();
    const ends: (() => void)[] = [];
    const call = withPolicies((works: boolean) => new Promise<string>((resolve, reject) => {
      ends.push(() => { if (works) resolve('value'); else reject(new Error('down')); });
    }), [gate(own)]);
    const calls = [call(true), call(false), call(true)].map((one) => one.catch((error: Error) => error.message));
    expect([ends.length, own.waiting.length]).toEqual([1, 2]);
    ends[0]!();
    await calls[0];
    expect(own.ends).toEqual(['success']);
    ends[1]!();
    await calls[1];
    ends[2]!();
    expect(await Promise.all(calls)).toEqual(['value', 'down', 'value']);
    expect(own.ends).toEqual(['success', 'failure', 'success']);
  });

  it('gives the place back of a caller who has left while it waited', async () => {
    const own = new Gate();
    own.isTaken = true;
    const controller = new AbortController();
    const run = jest.fn(async () => 'value');
    const waiting = withPolicies(run, [gate(own, { signal: controller.signal })])().catch((error: Error) => error.message);
    controller.abort(new Error('left'));
    own.isTaken = false;
    own.waiting.shift()!();
    expect(await waiting).toBe('left');
    await new Promise(setImmediate);
    expect([own.ends, run.mock.calls.length, own.isTaken]).toEqual([['ignored'], 0, false]);
  });

  it('refuses with its own error, and the function does not run', async () => {
    const own = new Gate();
    own.isClosed = true;
    const run = jest.fn(async () => 'value');
    await expect(withPolicies(run, [gate(own)])()).rejects.toThrow('the gate is closed');
    expect(run).not.toHaveBeenCalled();
  });

  it('that is blocked keeps a retry around it from waiting for nothing', async () => {
    const own = new Gate();
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const call = withPolicies(async () => { own.isClosed = true; throw new Error('down'); }, [retry({ baseDelay: 50, registry }), gate(own)]);
    await expect(call()).rejects.toThrow('down');
    expect([clock.armed, clock.now()]).toEqual([0, new TimerClock().now()]);
  });

  it('holds its permit to the end of a stream', async () => {
    const own = new Gate();
    const call = withPolicies(async function* () { yield 1; yield 2; }, [gate(own)]);
    const stream = call();
    await stream.next();
    await stream.next();
    expect(own.ends).toEqual([]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(own.ends).toEqual(['success']);
  });

  describe.each<[string, Partial<Guard>, string, string, unknown]>([
    ['admit gives what is no permit', { admit: () => 5 as never }, 'admit', 'must give a permit (with success, failure and ignore), or undefined', 5],
    ['admit gives half a permit', { admit: () => ({ success: () => 1 }) as never }, 'admit', 'must give a permit', { success: expect.any(Function) as unknown }],
    ['admit gives null', { admit: () => null as never }, 'admit', 'must give a permit', null],
    ['deny gives nothing', { deny: () => undefined as never }, 'deny', 'must give a Refusal, or a promise of a permit or a Refusal', undefined],
    ['deny gives an error', { deny: () => new Error('closed') as never }, 'deny', 'must give a Refusal', expect.any(Error)],
    ['deny gives a promise of nothing', { deny: async () => undefined as never }, 'deny', 'must give a Refusal', undefined],
    ['deny gives a promise of half a permit', { deny: async () => ({ ignore: () => undefined }) as never }, 'deny', 'must give a Refusal', { ignore: expect.any(Function) as unknown }],
  ])('whose %s', (_what, wrong, path, message, received) => {
    const odd = (): Policy => customPolicy('odd', () => ({ admit: () => undefined, deny: () => new Refusal(undefined), ...wrong }));
    const refusal = { code: 'BREAKER_CONFIG', message: expect.stringContaining(message) as string, issues: [{ path, received }] };

    it('refuses each call, by a ConfigurationError that names the policy', async () => {
      const run = jest.fn(async () => 'value');
      const call = withPolicies(run, [retry({ maxAttempts: 3, baseDelay: 0 }), odd()]);
      for (let n = 0; n < 2; n++) {
        await expect(call()).rejects.toMatchObject(refusal);
        await expect(call()).rejects.toThrow('customPolicy(odd)');
      }
      expect(run).not.toHaveBeenCalled();
    });

    it('refuses each stream', async () => {
      const read = withPolicies(async function* () { yield 1; }, [odd()]);
      await expect(read().next()).rejects.toMatchObject(refusal);
    });
  });

  it('is made once for each function and registry, with their clock and randomness', async () => {
    const clock = new TimerClock();
    const random = (): number => 0.25;
    const registry = new BreakerRegistry({ clock });
    const bind = jest.fn((): Guard => new Gate());
    const policy = customPolicy('gate', bind, { name: 'op', registry, random });
    const call = withPolicies(async () => 'value', [policy]);
    expect(bind).not.toHaveBeenCalled();
    for (let n = 0; n < 3; n++) {
      await call();
      registry.on('attempt', () => undefined); // the pipeline is composed anew
    }
    expect(bind.mock.calls).toEqual([[{ operation: 'op', clock, random }]]);
    await withPolicies(async () => 'value', [policy])();
    expect(bind).toHaveBeenCalledTimes(2);
  });
});

describe('a driver of the user’s own', () => {
  it('is given the guards inside it, outermost first', async () => {
    const first = new Gate();
    const second = new Gate();
    let inside: readonly Guard[] = [];
    const looks: Driver = (next, guards) => {
      inside = guards;
      return next;
    };
    await withPolicies(async () => 'value', [gate(new Gate()), customPolicy('looks', () => looks), gate(first), secondRun(), gate(second)])();
    expect(inside.filter((guard) => guard instanceof Gate)).toEqual([first, second]);
  });

  it('says which run it is to who asks', async () => {
    const clock = new TimerClock();
    const attempts: number[] = [];
    const registry = new BreakerRegistry({ clock });
    registry.on('attempt', ({ attempt }) => { attempts.push(attempt!); });
    await withPolicies(async () => { throw new Error('down'); }, [secondRun({ registry })])().catch(() => undefined);
    expect(attempts).toEqual([1, 2]);
  });
});

describe('customPolicy', () => {
  it.each<[string, unknown, unknown, string[]]>([
    ['the name of the breaker', 'breaker', () => new Gate(), ['policyName']],
    ['no name', '', () => new Gate(), ['policyName']],
    ['nothing', undefined, undefined, ['policyName', 'bind']],
    ['a guard in place of a function', 'gate', new Gate(), ['bind']],
  ])('refuses %s', (_what, name, bind, paths) => {
    let thrown: unknown;
    try { customPolicy(name as string, bind as never); } catch (error) { thrown = error; }
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect((thrown as ConfigurationError).issues.map(({ path }) => path)).toEqual(paths);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['half a guard', { admit: () => undefined }],
    ['a promise', Promise.resolve(new Gate())],
    ['a guard that cannot be asked how long it blocks', { admit: () => undefined, deny: () => new Refusal(undefined), blockedMs: 5 }],
  ])('refuses every call when bind gives %s', async (_what, bound) => {
    const run = jest.fn(async () => 'value');
    const call = withPolicies(run, [retry({ maxAttempts: 3 }), customPolicy('odd', () => bound as Guard)]);
    for (let n = 0; n < 2; n++) {
      await expect(call()).rejects.toMatchObject({ code: 'BREAKER_CONFIG', message: expect.stringContaining('customPolicy(odd)') as string, issues: [{ path: 'bind', received: bound }] });
    }
    expect(run).not.toHaveBeenCalled();
    expect(call.breaker!.stats).toMatchObject({ calls: 0, ignored: 0 });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a function', () => Promise.resolve()],
    ['a layer that cannot run', { runOr: () => Promise.resolve() }],
    ['a promise', Promise.resolve()],
  ])('refuses every call when the driver gives %s', async (_what, layer) => {
    const run = jest.fn(async () => 'value');
    const call = withPolicies(run, [bulkhead(1), circuitBreaker(), customPolicy('odd', () => (() => layer) as Driver)]);
    const stream = withPolicies(async function* () { yield 1; }, [bulkhead(1), customPolicy('odd', () => (() => layer) as Driver)]);
    for (let n = 0; n < 2; n++) {
      const refusal = { code: 'BREAKER_CONFIG', message: expect.stringContaining('customPolicy(odd)') as string, issues: [{ path: 'bind', received: layer }] };
      await expect(call()).rejects.toMatchObject(refusal);
      await expect(stream().next()).rejects.toMatchObject(refusal);
    }
    expect(run).not.toHaveBeenCalled();
    expect(call.breaker).toMatchObject({ inFlight: 0, stats: { calls: 0, ignored: 0 } });
  });

  it('refuses options that no policy has', () => {
    const policy = customPolicy('gate', () => new Gate(), { nam: 'op' } as never);
    expect(() => withPolicies(async () => 'value', [policy])).toThrow(/gate|nam/);
  });
});

describe('a driver of the user’s own that throws where it should reject', () => {
  const error = new Error('the driver is wrong');
  const throwing = (from = 1): Policy => {
    let runs = 0;
    const driver: Driver = (next) => ({
      run(call, self, args) {
        if (++runs >= from) throw error;
        return next.run(call, self, args);
      },
    });
    return customPolicy('throwing', () => driver);
  };

  it('costs no slot and no permit of the guards around it', async () => {
    const call = withPolicies(async () => 'value', [bulkhead(1), circuitBreaker({ failureThreshold: 2 }), throwing()]);
    await expect(call()).rejects.toBe(error);
    await expect(call()).rejects.toBe(error);
    expect(call.breaker).toMatchObject({ state: 'open', inFlight: 0 });
  });

  it('costs no slot that a call waited for', async () => {
    const call = withPolicies(async () => 'value', [bulkhead({ maxConcurrent: 1, maxQueue: 2 }), throwing(2)]);
    await expect(Promise.allSettled([call(), call(), call()])).resolves.toMatchObject([{ value: 'value' }, { reason: error }, { reason: error }]);
  });

  it('costs no slot of a stream', async () => {
    const read = withPolicies(async function* () { yield 1; }, [bulkhead(1), throwing()]);
    await expect(read().next()).rejects.toBe(error);
    await expect(read().next()).rejects.toBe(error);
  });

  it('is retried, and hedged, as one that rejects', async () => {
    const run = jest.fn(async () => 'value');
    let runs = 0;
    const first = customPolicy('first', () => (next) => ({
      run(call, self, args) {
        if (++runs === 1) throw error;
        return next.run(call, self, args);
      },
    }));
    await expect(withPolicies(run, [retry({ baseDelay: 0 }), first])()).resolves.toBe('value');
    runs = 0;
    await expect(withPolicies(run, [hedge({ delay: 1000, idempotent: true }), first])()).resolves.toBe('value');
  });
});

it('a guard whose blockedMs throws does not hide from a retry what the call failed with', async () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
  class Wrong extends Gate {
    override blockedMs(): number { throw new Error('blockedMs is wrong'); }
  }
  const error = new Error('down');
  const call = withPolicies(() => Promise.reject(error), [retry({ maxAttempts: 2, baseDelay: 0 }), customPolicy('wrong', () => new Wrong())]);
  await expect(call()).rejects.toBe(error);
  expect(warnings).toHaveBeenCalledTimes(1);
  warnings.mockRestore();
});

describe('a permit of the user’s own that throws', () => {
  const wrong = (): Policy => {
    const fail = (how: string) => (): never => { throw new Error(how); };
    return customPolicy('wrong', () => ({ admit: () => ({ success: fail('success'), failure: fail('failure'), ignore: fail('ignore') }), deny: () => new Refusal(undefined) }));
  };

  it.each<[string, () => AsyncGenerator<number>, string]>([
    ['that ends', async function* () { yield 1; }, 'success'],
    ['that fails', async function* () { yield 1; throw new Error('down'); }, 'failure'],
  ])('costs no slot of a stream %s', async (_how, stream, message) => {
    const read = withPolicies(stream, [bulkhead(1), circuitBreaker({ failureThreshold: 2 }), wrong()]);
    for (let n = 0; n < 2; n++) {
      const items = read();
      await items.next();
      await expect(items.next()).rejects.toThrow(message);
    }
    expect(read.breaker).toMatchObject({ state: 'open', inFlight: 0 });
  });

  it('costs no slot of a stream that its consumer leaves while an item is awaited', async () => {
    const read = withPolicies(async function* () { yield 1; await sleep(5); yield 2; }, [bulkhead(1), wrong()]);
    for (let n = 0; n < 2; n++) {
      const items = read();
      await items.next();
      const awaited = items.next();
      await items.return(undefined);
      await awaited;
      await sleep(20);
    }
  });
});

it('a driver of the user’s own may return what is no promise', async () => {
  const driver = (() => ({ run: () => 5 })) as unknown as Driver;
  await expect(withPolicies(async () => 4, [bulkhead(1), customPolicy('odd', () => driver)])()).resolves.toBe(5);
});

describe('a guard around what throws where it should reject', () => {
  it('gives its slot back when a clock throws', async () => {
    const clock = new TimerClock();
    const call = withPolicies(async () => 'value', [bulkhead(1), timeout({ duration: 100, clock })]);
    await call();
    const now = jest.spyOn(clock, 'now').mockImplementation(() => { throw new Error('no time'); });
    await expect(call()).rejects.toThrow('no time');
    now.mockRestore();
    await expect(call()).resolves.toBe('value');
  });
});

describe('a trip rule of the user’s own', () => {
  it('opens the circuit of a decorated or wrapped function, for a reason of its own, and begins anew when it closes', async () => {
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const reasons: string[] = [];
    const observer: BreakerObserver = { transition: ({ to, reason }) => reasons.push(`${to}: ${reason}`) };
    const call = withBreaker(async (works: boolean) => { if (!works) throw new Error('down'); }, {
      name: 'op', registry, recoveryTimeout: 100, tripRule: () => new Balance(3),
    });
    const { breaker } = call;
    const remove = breaker!.observe(observer);
    for (const works of [false, false, true, false, false]) await call(works).catch(() => undefined);
    expect(breaker!.state).toBe('open');
    await clock.advance(100);
    await call(true);
    await call(false).catch(() => undefined);
    await call(false).catch(() => undefined);
    expect(breaker!.state).toBe('closed');
    expect(reasons).toEqual(['open: too many failures', 'half_open: recovery_timeout', 'closed: probe_succeeded']);
    remove();
  });
});
