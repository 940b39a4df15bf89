import { BreakerRegistry, BulkheadFullError, presets, withPolicies, type PolicyOptions } from '../../lib';
import { isDatabaseOutage, isTransientDatabaseError, isUndone } from '../../lib/presets/database-failure';
import { fails, pending, rejectionOf, scripted, works, type Step } from '../composition/support/flaky';
import { reactions, TimerClock } from '../support/timer-clock';

const error = (fields: object, message = 'the database says so') => Object.assign(new Error(message), fields);
const deadlock = error({ code: '40P01' });
const lost = error({ code: 'ECONNRESET' });

function database(steps: Step[], overrides: PolicyOptions = {}) {
  const clock = new TimerClock();
  const fn = scripted(...steps);
  const call = withPolicies(fn, { ...presets.database(overrides), clock, registry: new BreakerRegistry() });
  return { fn, clock, call, run: (...args: unknown[]) => clock.until(call(...args)) };
}

describe('a failure that left nothing behind', () => {
  it.each([
    ['a serialization failure', error({ code: '40001' })],
    ['a deadlock of PostgreSQL', deadlock],
    ['a deadlock of MySQL', error({ code: 'ER_LOCK_DEADLOCK', errno: 1213, sqlState: '40001' })],
    ['a lock wait timeout of MySQL', error({ code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205, sqlState: 'HY000' })],
    ['an aborted transaction of MongoDB', error({ name: 'MongoServerError', code: 112, errorLabels: ['TransientTransactionError'] })],
    ['a busy SQLite', error({ code: 'SQLITE_BUSY' })],
  ])('and says nothing about the health of the database: %s', (_what, failure) => {
    expect(isUndone(failure)).toBe(true);
    expect(isDatabaseOutage(failure)).toBe(false);
  });

  it.each([
    ['a refused connection', error({ code: 'ECONNREFUSED' })],
    ['a refused connection, wrapped', error({ cause: error({ code: 'ECONNREFUSED' }) })],
    ['a server that starts up', error({ code: '57P03' })],
    ['too many connections of PostgreSQL', error({ code: '53300' })],
    ['too many connections of MySQL', error({ code: 'ER_CON_COUNT_ERROR', errno: 1040, sqlState: '08004' })],
    ['no server of MongoDB', error({ name: 'MongoServerSelectionError' })],
  ])('and counts against the database: %s', (_what, failure) => {
    expect(isUndone(failure)).toBe(true);
    expect(isDatabaseOutage(failure)).toBe(true);
  });

  it('is an answer of a Redis that cannot take commands now', () => {
    expect(isUndone(error({ name: 'ReplyError' }, 'LOADING Redis is loading the dataset in memory'))).toBe(true);
    expect(isUndone(error({ name: 'ReplyError' }, 'WRONGTYPE Operation against a key'))).toBe(false);
    expect(isUndone(error({}, 'LOADING a page'))).toBe(false);
  });
});

describe('a failure that leaves open what was done', () => {
  it.each([
    ['a reset connection', lost],
    ['a broken pipe', error({ code: 'EPIPE' })],
    ['a late answer', error({ code: 'ETIMEDOUT' })],
    ['a shutdown of PostgreSQL', error({ code: '57P01' })],
    ['a failed connection of PostgreSQL', error({ code: '08006' })],
    ['an unknown resolution of PostgreSQL', error({ code: '08007' })],
    ['node-postgres', error({}, 'Connection terminated unexpectedly')],
    ['mysql2', error({ code: 'PROTOCOL_CONNECTION_LOST' })],
    ['mongodb', error({ name: 'MongoNetworkError' })],
    ['a retryable write of mongodb', error({ name: 'MongoServerError', code: 189, errorLabels: ['RetryableWriteError'] })],
    ['ioredis', error({}, 'Connection is closed.')],
    ['ioredis, after its own retries', error({ name: 'MaxRetriesPerRequestError' })],
  ])('counts against the database, and is not certain to be repeatable: %s', (_what, failure) => {
    expect(isTransientDatabaseError(failure)).toBe(true);
    expect(isUndone(failure)).toBe(false);
    expect(isDatabaseOutage(failure)).toBe(true);
  });
});

describe('an answer to a statement', () => {
  it.each([
    ['a violated constraint', error({ code: '23505' })],
    ['a syntax error', error({ code: '42601' })],
    ['a duplicate entry of MySQL', error({ code: 'ER_DUP_ENTRY', errno: 1062, sqlState: '23000' })],
    ['a duplicate key of MongoDB', error({ name: 'MongoServerError', code: 11_000 })],
    ['a wrong type of Redis', error({ name: 'ReplyError' }, 'WRONGTYPE Operation against a key')],
  ])('is final and counts for no outage: %s', (_what, failure) => {
    expect(isTransientDatabaseError(failure)).toBe(false);
    expect(isDatabaseOutage(failure)).toBe(false);
  });

  it('is none when the disk is full or the server is broken', () => {
    expect(isDatabaseOutage(error({ code: '53100' }))).toBe(true);
    expect(isDatabaseOutage(error({ code: 'XX000' }))).toBe(true);
  });
});

describe('presets.database', () => {
  it('tries a deadlock again, three attempts in all', async () => {
    const { fn, run, clock } = database([fails(deadlock)]);
    expect(await rejectionOf(run())).toBe(deadlock);
    expect(fn).toHaveBeenCalledTimes(3);
    expect(clock.armed).toBe(0);
  });

  it.each<[PolicyOptions | undefined, unknown[], number]>([
    [undefined, [], 1],
    [{ retry: { idempotent: false } }, [], 1],
    [{ retry: { idempotent: true } }, [], 3],
    [{ retry: { idempotent: (statement: string) => statement.startsWith('SELECT') } }, ['SELECT 1'], 3],
    [{ retry: { idempotent: (statement: string) => statement.startsWith('SELECT') } }, ['INSERT 1'], 1],
  ])('tries a lost connection again where the work may be done twice: %j with %j, %i attempts', async (overrides, args, attempts) => {
    const { fn, run } = database([fails(lost)], overrides);
    await rejectionOf(run(...args));
    expect(fn).toHaveBeenCalledTimes(attempts);
  });

  it('takes an answer for final', async () => {
    const { fn, run, call } = database([fails(error({ code: '23505' }))]);
    await rejectionOf(run());
    expect(fn).toHaveBeenCalledTimes(1);
    expect(call.breaker?.stats).toMatchObject({ successes: 1, failures: 0 });
  });

  it('opens the circuit at half of ten attempts, and not by deadlocks', async () => {
    const contended = database([fails(deadlock)], { retry: { maxAttempts: 1 } });
    const down = database([fails(error({ code: 'ECONNREFUSED' }))], { retry: { maxAttempts: 1 } });
    for (let n = 0; n < 10; n++) {
      await rejectionOf(contended.run());
      await rejectionOf(down.run());
    }
    expect(contended.call.breaker?.state).toBe('closed');
    expect(down.call.breaker?.state).toBe('open');
  });

  it('runs ten at a time, lets a hundred wait, for five seconds, and counts that for nothing', async () => {
    const clock = new TimerClock();
    const fn = pending();
    const call = withPolicies(fn, { ...presets.database({ timeout: '1h' }), clock, registry: new BreakerRegistry() });
    const calls = Array.from({ length: 111 }, () => call().then(() => 'done', (reason: unknown) => reason));
    await reactions();
    expect(fn).toHaveBeenCalledTimes(10);
    expect(await calls[110]).toBeInstanceOf(BulkheadFullError);
    await clock.advance(5000);
    expect(await calls[109]).toBeInstanceOf(BulkheadFullError);
    fn.calls.forEach(({ resolve }) => { resolve(); });
    await Promise.all(calls);
    expect(call.breaker?.stats).toMatchObject({ successes: 10, failures: 0 });
    expect(clock.armed).toBe(0);
  });

  it('works without a failure as if nothing were there', async () => {
    const { run, fn } = database([works('rows')]);
    expect(await run('SELECT 1')).toBe('rows');
    expect(fn).toHaveBeenCalledWith('SELECT 1');
  });
});
