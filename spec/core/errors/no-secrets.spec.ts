import { inspect } from 'node:util';
import pino from 'pino';
import { BreakerRegistry, ConfigurationError, OperationTimeoutError, withBreaker, withPolicies, type CircuitOpenError } from '../../../lib';
import { forceOpen, snapshot } from '../../../lib/operate';
import { StoreUnavailableError } from '../../../lib/fleet/store';
import type { BreakerBoxError } from '../../../lib/core/errors';
import { fails, rejectionOf, scripted, works } from '../../composition/support/flaky';
import { axiosFailure, secretsIn } from '../../support/axios-failure';
import { TimerClock } from '../../support/timer-clock';

const clock = new TimerClock();

async function rejectionBecauseOf(failure: unknown): Promise<CircuitOpenError> {
  const registry = new BreakerRegistry({ clock });
  const call = withBreaker(async () => { throw failure; }, { name: 'api', registry, failureThreshold: 1 });
  await call().catch(() => undefined);
  return (await rejectionOf(call())) as CircuitOpenError;
}

/** What real pino writes for a field `err`. */
function pinoLine(err: unknown): string {
  let line = '';
  pino({ base: null, timestamp: false }, { write: (text: string) => { line += text; } }).error({ err }, 'it failed');
  return line;
}

// Rule 49.
describe('an error of ours whose cause is a real AxiosError', () => {
  const failure = axiosFailure();
  const makers: [string, () => BreakerBoxError | Promise<BreakerBoxError>][] = [
    ['CircuitOpenError', () => rejectionBecauseOf(failure)],
    ['OperationTimeoutError', () => new OperationTimeoutError('api', 5, { cause: failure })],
    ['StoreUnavailableError', () => new StoreUnavailableError('away', 'api', { cause: failure })],
  ];

  it.each(makers)('%s: gives it to the program, and to nobody who walks the error', async (_name, make) => {
    const error = await make();
    expect(error.cause).toBe(failure);
    expect(Object.getOwnPropertyDescriptor(error, 'cause')?.enumerable).not.toBe(true);
    const shown = {
      json: JSON.stringify(error),
      nested: JSON.stringify({ errors: [error] }),
      spread: inspect({ ...error }, { depth: 20 }),
      assigned: inspect(Object.assign({}, error), { depth: 20 }),
      inspected: inspect(error, { depth: 20 }),
      hidden: inspect({ error }, { depth: 20, showHidden: true }),
      cloned: inspect(structuredClone(error), { depth: 20, showHidden: true }),
      text: String(error),
      pino: pinoLine(error),
      spreadInPino: pinoLine({ ...error }),
    };
    for (const text of Object.values(shown)) expect(secretsIn(text)).toEqual([]);
    expect([shown.inspected, shown.pino].map((text) => text.includes('Request failed with status code 503'))).toEqual([true, true]);
  });

  it('is shown by console.log with name, message, code and status of the cause', async () => {
    const shown = inspect(await rejectionBecauseOf(failure));
    expect(shown).toMatch(/^CircuitOpenError: The circuit of api is open \{/);
    expect(shown).toMatch(/cause: \{\s+name: 'AxiosError',\s+message: 'Request failed with status code 503',\s+code: 'ERR_BAD_RESPONSE',\s+status: 503\s+\}/);
    expect(inspect(new OperationTimeoutError('api', 5))).not.toContain('cause');
  });
});

describe('the JSON of an error of ours', () => {
  it('has name, code, message, operation, key, state and retryAfter, as far as they are known', async () => {
    const registry = new BreakerRegistry({ clock });
    const call = withBreaker(async (_host: string) => { throw axiosFailure(); }, { name: 'api', registry, failureThreshold: 1, key: (host) => host, recoveryTimeout: '12s' });
    await rejectionOf(call('a.test'));
    expect(JSON.parse(JSON.stringify(await rejectionOf(call('a.test'))))).toEqual({
      name: 'CircuitOpenError', code: 'BREAKER_OPEN', message: 'The circuit of api[a.test] is open', operation: 'api', key: 'a.test', state: 'open', retryAfter: 12_000,
    });
    forceOpen(call.breakers.get('a.test')!);
    expect(JSON.parse(JSON.stringify(await rejectionOf(call('a.test'))))).not.toHaveProperty('retryAfter');
    expect(JSON.parse(JSON.stringify(new OperationTimeoutError('api', 5)))).toEqual({
      name: 'OperationTimeoutError', code: 'BREAKER_TIMEOUT', message: 'api did not settle within 5 ms', operation: 'api',
    });
  });

  it('does not throw, whatever the cause is', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    for (const failure of [revoked.proxy, Object.create(null), Symbol('down'), { get message() { throw new Error('no'); } }, () => 1]) {
      const error = await rejectionBecauseOf(failure);
      expect(error.cause).toBe(failure);
      expect(JSON.stringify(error)).toContain('BREAKER_OPEN');
      expect(inspect(error)).toContain('The circuit of api is open');
      expect(structuredClone(error).message).toBe('The circuit of api is open');
    }
  });

  it('is that of a cooperative timeout, too', async () => {
    const call = withPolicies(() => new Promise((_resolve, reject) => { clock.setTimeout(() => { reject(axiosFailure()); }, 30); }), {
      name: 'api', registry: new BreakerRegistry({ clock }), timeout: { duration: 5, mode: 'cooperative' },
    });
    const late = rejectionOf(call());
    await clock.advance(30);
    const error = (await late) as OperationTimeoutError;
    expect((error.cause as Error).message).toBe('Request failed with status code 503');
    expect(secretsIn(JSON.stringify({ ...error }) + JSON.stringify(error) + pinoLine(error))).toEqual([]);
  });
});

describe('the cause of an error of ours', () => {
  it('can be set, as that of any error, and its class can be looked at', async () => {
    const error = await rejectionBecauseOf(new Error('down'));
    const other = new Error('other');
    error.cause = other;
    expect(error.cause).toBe(other);
    const { prototype } = error.constructor;
    prototype.cause = other;
    expect(prototype.cause).toBeUndefined();
    expect(inspect(error.constructor)).toContain('CircuitOpenError');
  });
});

describe('a ConfigurationError', () => {
  it('gives what it received to the program, and to nobody who walks the error', () => {
    const received = { url: 'redis://:TOPSECRET@cache', padding: 'x'.repeat(100), password: 'hunter2' };
    const error = new ConfigurationError('here', [{ path: 'client', message: 'must be a client', received }, { path: 'name', message: 'must be a text', received: 5 }]);
    expect(error.issues[0]!.received).toBe(received);
    expect(JSON.stringify(error)).toContain('BREAKER_CONFIG');
    const logged = JSON.stringify({ ...error }) + inspect(error, { depth: 20 }) + pinoLine(error);
    expect(logged).not.toContain('hunter2');
  });
});

describe('circuits that call each other', () => {
  const depthOf = (error: unknown): number => {
    let depth = 0;
    for (let cause = error; cause !== undefined; cause = (cause as Error).cause) depth++;
    return depth;
  };

  it.each([
    ['as it is', (error: unknown) => error],
    ['wrapped in others', (error: unknown) => new Error('load failed', { cause: new Error('the client failed', { cause: error }) })],
  ])('hold a few causes at most, and the failure that all began with; an error %s', async (_how, wrapped) => {
    const registry = new BreakerRegistry({ clock });
    const root = new Error('no connection');
    const options = { registry, failureThreshold: 1, recoveryTimeout: 1000 };
    let isFirst = true;
    const ping: (depth: number) => Promise<unknown> = withBreaker(async (depth: number) => {
      if (isFirst) throw root;
      return pong(depth + 1).catch((error: unknown) => { throw wrapped(error); });
    }, { ...options, name: 'ping' });
    const pong: (depth: number) => Promise<unknown> = withBreaker(async (depth: number) => ping(depth + 1).catch((error: unknown) => { throw wrapped(error); }), { ...options, name: 'pong' });
    await rejectionOf(ping(0));
    isFirst = false;
    const depths: number[] = [];
    let last: unknown;
    for (let round = 0; round < 50; round++) {
      await rejectionOf(pong(0));
      await clock.advance(1000);
      await rejectionOf(ping(0));
      last = await rejectionOf(ping(0));
      depths.push(depthOf(last));
      await clock.advance(1000);
    }
    expect(Math.max(...depths)).toBeLessThanOrEqual(12);
    let innermost = last as Error;
    while (innermost.cause !== undefined) innermost = innermost.cause as Error;
    expect(innermost).toBe(root);
  });
});

describe('the last error of a breaker', () => {
  const make = () => {
    const registry = new BreakerRegistry({ clock });
    const failure = axiosFailure();
    return { failure, call: withBreaker(scripted(fails(failure), works('it')), { name: 'api', registry, failureThreshold: 1, recoveryTimeout: 1000 }) };
  };

  it('is there for the program, and in JSON as name, message, code and status', async () => {
    const { call, failure } = make();
    await rejectionOf(call());
    const { stats } = call.breaker!;
    expect(stats.lastError).toBe(failure);
    const json = JSON.stringify(stats);
    expect(JSON.parse(json)).toMatchObject({
      failures: 1, opens: 1, lastError: { name: 'AxiosError', message: 'Request failed with status code 503', code: 'ERR_BAD_RESPONSE', status: 503 },
    });
    expect(secretsIn(json + inspect(stats, { depth: 20 }) + JSON.stringify({ ...stats }) + inspect(structuredClone(stats), { depth: 20 }) + pinoLine(stats))).toEqual([]);
    expect(secretsIn(JSON.stringify(snapshot(call.breaker!)))).toEqual([]);
  });

  it('is freed when the circuit has recovered', async () => {
    const { call } = make();
    await rejectionOf(call());
    await clock.advance(1000);
    expect(await call()).toBe('it');
    expect([call.breaker!.state, call.breaker!.stats.lastError]).toEqual(['closed', undefined]);
    expect(JSON.parse(JSON.stringify(call.breaker!.stats))).not.toHaveProperty('lastError');
    call.breaker!.trip();
    expect(((await rejectionOf(call())) as Error).cause).toBeUndefined();
  });
});
