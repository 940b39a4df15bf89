import { BreakerBoxError, BreakerRegistry, CircuitOpenError, currentCall, withPolicies, type Breaker, type BreakerOptions, type ErrorCode, type Outcome } from '../../lib';
import { RECOVERY, settled, Testbed } from './testbed';

describe('rule 1: every attempt ends in one outcome', () => {
  it('counts a returned value as a success, an error as a failure, a cancellation as ignored', () => {
    const testbed = new Testbed();

    testbed.succeed(3);
    testbed.fail(2);
    testbed.cancel(4);

    expect(testbed.breaker.stats).toMatchObject({ calls: 9, successes: 3, failures: 2, ignored: 4 });
  });

  it('leaves the consecutive count, the window and the last error alone when the outcome is ignored', () => {
    const testbed = new Testbed({ window: { type: 'count', size: 4 } });
    testbed.fail();
    const before = testbed.breaker.stats;

    testbed.cancel(10);

    expect(testbed.breaker.stats).toEqual({ ...before, calls: 11, ignored: 10 });
  });

  it('neither closes nor reopens the circuit by an ignored probe, and gives its slot back', () => {
    const testbed = new Testbed().halfOpen();

    testbed.cancel(3);
    expect(testbed.breaker.state).toBe('half_open');
    testbed.succeed();

    expect(testbed.breaker.state).toBe('closed');
  });

  it('takes an error that is neither handled nor ignored for a success: the dependency answered', () => {
    class NotFound extends Error {}
    const testbed = new Testbed({ handle: RangeError, failureThreshold: 2 });

    testbed.fail(1, new RangeError());
    testbed.fail(5, new NotFound());

    expect(testbed.breaker).toMatchObject({ failureCount: 0, stats: { successes: 5, failures: 1, lastError: expect.any(RangeError) } });
  });

  it('closes the circuit when the probe ends in an error that is not handled', () => {
    const testbed = new Testbed({ handle: RangeError });
    testbed.fail(5, new RangeError());
    testbed.clock.advance(RECOVERY);

    testbed.fail(1, new TypeError());

    expect(testbed.breaker.state).toBe('closed');
  });
});

/** An error as another policy of the pipeline throws it. */
class PolicyRejection extends BreakerBoxError {
  constructor(readonly code: ErrorCode, operation: string) {
    super(code, operation);
  }
}

const OWN_REJECTIONS = ['BREAKER_BULKHEAD_FULL', 'BREAKER_RATE_LIMITED', 'BREAKER_THROTTLED'] as const;

describe("rule 2: the caller's abort and rejections by the operation's own policies are ignored", () => {
  it.each(OWN_REJECTIONS)('ignores %s of its own operation', (code) => {
    const testbed = new Testbed({ name: 'payments' });

    testbed.fail(9, new PolicyRejection(code, 'payments'));

    expect(testbed.breaker).toMatchObject({ state: 'closed', stats: { ignored: 9, failures: 0 } });
  });

  it.each([...OWN_REJECTIONS, 'BREAKER_OPEN'] as const)('takes %s of another operation for an ordinary error', (code) => {
    const testbed = new Testbed({ name: 'payments', failureThreshold: 3 });

    testbed.fail(3, new PolicyRejection(code, 'ledger'));

    expect(testbed.breaker).toMatchObject({ state: 'open', stats: { ignored: 0, failures: 3 } });
  });

  it('opens when the circuit of an operation that it needs is open', async () => {
    const ledger = new Testbed({ name: 'ledger' }).open().breaker;
    const payments = new Testbed({ name: 'payments', failureThreshold: 1 }).breaker;

    await expect(payments.execute(() => ledger.execute(async () => 'booked'))).rejects.toMatchObject({ operation: 'ledger' });

    expect(payments.state).toBe('open');
    await expect(payments.execute(() => ledger.execute(async () => 'booked'))).rejects.toMatchObject({ operation: 'payments' });
  });

  it('takes a timeout of its own pipeline for a failure, whatever `handle` says', () => {
    const testbed = new Testbed({ name: 'payments', handle: RangeError, ignore: TypeError, failureThreshold: 2 });

    testbed.fail(2, new PolicyRejection('BREAKER_TIMEOUT', 'payments'));

    expect(testbed.breaker.state).toBe('open');
  });

  it('leaves a timeout of its own pipeline out where `ignore` names it', () => {
    const testbed = new Testbed({ name: 'payments', ignore: PolicyRejection, failureThreshold: 2 });

    testbed.fail(2, new PolicyRejection('BREAKER_TIMEOUT', 'payments'));

    expect([testbed.breaker.state, testbed.breaker.stats.ignored]).toEqual(['closed', 2]);
  });

  it("takes another operation's timeout for an ordinary error: `handle` and `ignore` decide", () => {
    const unhandled = new Testbed({ name: 'payments', handle: RangeError });
    const ignoring = new Testbed({ name: 'payments', ignore: PolicyRejection });

    unhandled.fail(1, new PolicyRejection('BREAKER_TIMEOUT', 'ledger'));
    ignoring.fail(1, new PolicyRejection('BREAKER_TIMEOUT', 'ledger'));

    expect(unhandled.breaker.stats).toMatchObject({ successes: 1, failures: 0 });
    expect(ignoring.breaker.stats).toMatchObject({ ignored: 1, failures: 0 });
  });

  it('takes an attempt timeout of a pipeline for a failure, though the attempt ends by an abort', async () => {
    jest.useFakeTimers();
    try {
      const call = withPolicies(aborts, {
        name: 'slow',
        registry: new BreakerRegistry(),
        breaker: {},
        retry: { maxAttempts: 1, attemptTimeout: 50 },
      });
      const outcome = call().catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(50);

      expect(await outcome).toMatchObject({ code: 'BREAKER_TIMEOUT', operation: 'slow' });
      expect(call.breaker?.stats).toMatchObject({ failures: 1, ignored: 0 });
    } finally {
      jest.useRealTimers();
    }
  });

  it.each(['closed', 'half_open'] as const)('ignores the abort of the caller when %s', async (state) => {
    const testbed = new Testbed({ failureThreshold: 1 });
    if (state === 'half_open') testbed.halfOpen();
    const { failures } = testbed.breaker.stats;

    await abortDuring(testbed.breaker);

    expect(testbed.breaker.state).toBe(state);
    expect(testbed.breaker.stats).toMatchObject({ ignored: 1, failures });
  });

  it('takes the abort of a call that began before the circuit opened for late', async () => {
    const testbed = new Testbed({ failureThreshold: 1 });

    await abortDuring(testbed.breaker, () => testbed.open());

    expect(testbed.breaker.stats).toMatchObject({ ignored: 0, late: 1, failures: 1 });
  });
});

function broken(): never {
  throw new Error('a bug of the predicate');
}

/** The three ways a function can be run, each by its own code. */
const ENTRANCES: Record<string, (breaker: Breaker, fn: () => unknown) => Promise<unknown>> = {
  execute: (breaker, fn) => breaker.execute(fn),
  'execute with a signal': (breaker, fn) => breaker.execute(fn, { signal: new AbortController().signal }),
  executeSync: async (breaker, fn) => breaker.executeSync(fn),
};

describe.each(Object.entries(ENTRANCES))('rule 3: callbacks that throw change nothing for the caller of %s', (_entrance, run) => {
  beforeEach(() => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each<[string, BreakerOptions]>([
    ['handle', { handle: broken }],
    ['ignore', { ignore: broken }],
    ['ignore, though `handle` says no', { ignore: broken, handle: () => false }],
    ['classify', { classify: broken }],
  ])('counts an error as a failure when %s throws, and passes the error on', async (_role, options) => {
    const { breaker } = new Testbed(options);
    const error = new Error('down');

    await expect(run(breaker, () => {
      throw error;
    })).rejects.toBe(error);

    expect(breaker.stats).toMatchObject({ calls: 1, failures: 1, lastError: error });
  });

  it.each<[string, BreakerOptions]>([
    ['handleResult', { handleResult: broken }],
    ['classify', { classify: broken }],
  ])('counts a value as a success when %s throws, and passes the value on', async (_role, options) => {
    const { breaker } = new Testbed(options);

    await expect(run(breaker, () => 'answer')).resolves.toBe('answer');

    expect(breaker.stats).toMatchObject({ calls: 1, successes: 1 });
  });

  it.each<[string, () => unknown]>([
    ['a word it does not know', () => 'succes'],
    ['nothing', () => undefined],
    ['a boolean', () => true],
    ['a promise', () => Promise.resolve('failure')],
    ['a promise that rejects', () => Promise.reject(new Error('late bug'))],
  ])('takes %s from classify for a throw', async (_what, answer) => {
    const { breaker } = new Testbed({ classify: answer as () => Outcome });
    const error = new Error('down');

    await expect(run(breaker, () => 'answer')).resolves.toBe('answer');
    await expect(run(breaker, () => {
      throw error;
    })).rejects.toBe(error);

    expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
    expect(process.emitWarning).toHaveBeenCalledTimes(1);
  });

  it('takes a promise from a predicate for a throw: true would be every promise', async () => {
    const { breaker } = new Testbed({ ignore: (async () => true) as never });

    await run(breaker, () => {
      throw new Error('down');
    }).catch(() => undefined);

    expect(breaker.stats).toMatchObject({ failures: 1, ignored: 0 });
  });

  it.each(['handle', 'ignore', 'handleResult', 'classify'])('leaves no rejection unhandled when %s is async and rejects', async (role) => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const { breaker } = new Testbed({ [role]: () => Promise.reject(new Error('a bug of the predicate')) });

      await run(breaker, () => 'answer');
      await run(breaker, () => {
        throw new Error('down');
      }).catch(() => undefined);
      await new Promise(setImmediate);

      expect(breaker.stats).toMatchObject({ successes: 1, failures: 1 });
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it('reports the throw through process.emitWarning, once for each function', async () => {
    const { breaker } = new Testbed({ handleResult: () => broken() });
    for (let call = 0; call < 5; call++) await run(breaker, () => 'answer');
    expect(process.emitWarning).toHaveBeenCalledTimes(1);
    expect(process.emitWarning).toHaveBeenCalledWith(
      expect.stringContaining('handleResult'),
      expect.objectContaining({ type: 'BreakerBoxWarning', detail: expect.stringContaining('a bug of the predicate') }),
    );

    const other = new Testbed({ handleResult: () => broken() }).breaker;
    await run(other, () => 'answer');

    expect(process.emitWarning).toHaveBeenCalledTimes(2);
  });

  it.each(['success', 'failure'] as const)('gives the caller its result when a %s listener throws', async (type) => {
    const { breaker } = new Testbed();
    const heard = jest.fn();
    breaker.on(type, () => broken());
    breaker.on(type, heard);
    const error = new Error('down');

    const result = run(breaker, () => {
      if (type === 'failure') throw error;
      return 'answer';
    });

    await (type === 'failure' ? expect(result).rejects.toBe(error) : expect(result).resolves.toBe('answer'));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(process.emitWarning).toHaveBeenCalledTimes(1);
  });

  it('contains the rejection of an async listener', async () => {
    const { breaker } = new Testbed();
    breaker.on('success', async () => broken());

    await expect(run(breaker, () => 'answer')).resolves.toBe('answer');
    await settled();

    expect(process.emitWarning).toHaveBeenCalledTimes(1);
  });

  it('rejects with CircuitOpenError when a reject or transition listener throws', async () => {
    const { breaker } = new Testbed({ failureThreshold: 1 });
    breaker.on('transition', () => broken());
    breaker.on('reject', () => broken());
    await run(breaker, () => {
      throw new Error('down');
    }).catch(() => undefined);

    await expect(run(breaker, () => 'answer')).rejects.toBeInstanceOf(CircuitOpenError);

    expect(breaker.state).toBe('open');
  });
});

describe('rule 4: a synchronous throw equals a rejection', () => {
  it.each([
    ['throws', () => {
      throw new RangeError('down');
    }],
    ['rejects', () => Promise.reject(new RangeError('down'))],
  ])('rejects and counts the same when the function %s', async (_how, fn) => {
    const { breaker } = new Testbed({ failureThreshold: 1 });

    const result: unknown = breaker.execute(fn);

    expect(result).toBeInstanceOf(Promise);
    await expect(result).rejects.toThrow(RangeError);
    expect(breaker).toMatchObject({ state: 'open', failureCount: 1, stats: { calls: 1, failures: 1 } });
  });

  it.each<[string, unknown]>([['undefined', undefined], ['null', null], ['a string', 'down'], ['a number', 0], ['a frozen object', Object.freeze({})]])(
    'passes %s on as it was thrown',
    async (_what, thrown) => {
      const { breaker } = new Testbed();

      await expect(breaker.execute(() => {
        throw thrown;
      })).rejects.toBe(thrown);

      expect(breaker.stats).toMatchObject({ failures: 1, lastError: thrown });
    },
  );

  it('awaits a thenable that is no promise', async () => {
    const { breaker } = new Testbed();
    const thenable = { then: (onSuccess: (value: string) => void) => onSuccess('answer') } as PromiseLike<string>;

    await expect(breaker.execute(() => thenable)).resolves.toBe('answer');

    expect(breaker.stats.successes).toBe(1);
  });

  it('rejects when the `then` of a thenable throws', async () => {
    const { breaker } = new Testbed();
    const error = new Error('no thenable');
    const thenable = {
      get then(): never {
        throw error;
      },
    };

    await expect(breaker.execute(() => thenable)).rejects.toBe(error);

    expect(breaker.stats.failures).toBe(1);
  });
});

async function aborts(): Promise<never> {
  const { signal } = currentCall()!;
  return abortOf(signal!);
}

/** A call whose caller aborts it, after something else happened. */
async function abortDuring(breaker: Breaker, meanwhile: () => void = () => undefined): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const call = breaker.execute(() => abortOf(signal), { signal });
  meanwhile();
  controller.abort();
  await expect(call).rejects.toBe(signal.reason);
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}
