import { Breaker, BreakerRegistry, withRetry, type BreakerOptions } from '../../lib';
import * as operate from '../../lib/operate';
import { ManualClock } from '../support/manual-clock';
import { RECOVERY, settled, Testbed } from './testbed';

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function branded(): object {
  return {
    [Symbol.for('breaker-box.error')]: true,
    code: 'BREAKER_OPEN',
    get operation(): string {
      throw new Error('no operation');
    },
  };
}

function secretive(): Error {
  return Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('no message');
    },
  });
}

/** What can be thrown, though it cannot be read or made a string. */
const UNREADABLE: [string, () => unknown][] = [
  ['an object without a prototype', () => Object.create(null) as unknown],
  ['a revoked proxy', revoked],
  ['an error whose message cannot be read', secretive],
  ['an object that says it is one of our errors', branded],
  ['a symbol', () => Symbol('thrown')],
];

/** As `rejects.toBe`, which would print what it compares. */
async function isRejectedWith(call: Promise<unknown>, thrown: unknown): Promise<boolean> {
  return call.then(() => false, (error: unknown) => error === thrown);
}

describe.each(UNREADABLE)('%s', (_what, make) => {
  let warnings: jest.SpyInstance;

  beforeEach(() => {
    warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(() => {
    warnings.mockRestore();
  });

  it('thrown by the function is a failure, which reaches the caller', async () => {
    const { breaker } = new Testbed({ failureThreshold: 1 });
    const thrown = make();

    expect(await isRejectedWith(breaker.execute(() => Promise.reject(thrown)), thrown)).toBe(true);

    expect(breaker.state).toBe('open');
    expect(breaker.stats.failures).toBe(1);
  });

  it('thrown by a probe gives its slot back', async () => {
    const testbed = new Testbed().halfOpen();
    const { breaker, clock } = testbed;

    await breaker.execute(() => Promise.reject(make())).catch(() => undefined);
    expect(breaker.state).toBe('open');
    clock.advance(RECOVERY);

    expect(breaker.tryAcquire()).toBeDefined();
  });

  it.each<[string, (thrown: unknown) => BreakerOptions]>([
    ['an error class in handle', () => ({ handle: RangeError })],
    ['handle', (thrown) => ({ handle: () => { throw thrown; } })],
    ['classify', (thrown) => ({ classify: () => { throw thrown; } })],
  ])('met by %s leaves the attempt settled, and the caller its error', async (_role, options) => {
    const { breaker } = new Testbed(options(make()));
    const thrown = make();

    expect(await isRejectedWith(breaker.execute(() => Promise.reject(thrown)), thrown)).toBe(true);

    expect(breaker.stats.calls).toBe(1);
  });

  it.each(['success', 'failure', 'probe', 'transition', 'reject'] as const)('thrown by a %s listener is contained', async (type) => {
    const breaker = new Breaker({ clock: new ManualClock(), failureThreshold: 1, recoveryTimeout: RECOVERY });
    breaker.on(type, () => { throw make(); });

    await expect(breaker.execute(async () => 'answer')).resolves.toBe('answer');
    await expect(breaker.execute(() => Promise.reject(new RangeError()))).rejects.toBeInstanceOf(RangeError);
    await expect(breaker.execute(async () => 'answer')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('thrown by an async listener is contained', async () => {
    const { breaker } = new Testbed();
    breaker.on('success', async () => { throw make(); });

    await breaker.execute(async () => 'answer');
    await settled();

    expect(warnings).toHaveBeenCalledTimes(1);
  });

  it('thrown by a probe listener makes no synchronous throw of execute', async () => {
    const { breaker } = new Testbed().halfOpen();
    breaker.on('probe', () => { throw make(); });

    const call = breaker.execute(async () => 'answer');

    await expect(call).resolves.toBe('answer');
  });

  it('as the last error goes into a snapshot, which restores', async () => {
    const { breaker } = new Testbed();
    await breaker.execute(() => Promise.reject(make())).catch(() => undefined);

    const snapshot = JSON.parse(JSON.stringify(operate.snapshot(breaker))) as operate.BreakerSnapshot;
    const { breaker: other } = new Testbed();
    operate.restore(other, snapshot);

    expect(other.stats.lastError).toBeInstanceOf(Error);
  });

  it('is tried again, and is the error of the call that is given up', async () => {
    const thrown = make();
    const registry = new BreakerRegistry();
    const call = withRetry(() => Promise.reject(thrown), { baseDelay: 0, registry });

    expect(await isRejectedWith(call(), thrown)).toBe(true);
  });
});

it('an error whose message is no string goes into a snapshot, which restores', async () => {
  const { breaker } = new Testbed();
  const error = Object.assign(new Error(), { message: { code: 7 } });
  await breaker.execute(() => Promise.reject(error)).catch(() => undefined);

  const { breaker: other } = new Testbed();
  operate.restore(other, operate.snapshot(breaker));

  expect(other.stats.lastError).toBeInstanceOf(Error);
});
