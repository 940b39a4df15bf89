import { BreakerRegistry, BulkheadFullError, withPolicies, type PolicyOptions } from '../../lib';
import { presets } from '../../lib/presets';
import { databaseVerdict, isDatabaseMistake, isDatabaseOutage, isTransientDatabaseError, isUndone } from '../../lib/presets/database';
import type { Verdict } from '../../lib/presets/databases/verdict';
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
    const loading = error({ name: 'ReplyError' }, 'LOADING Redis is loading the dataset in memory');
    expect([isUndone(loading), isDatabaseOutage(loading)]).toEqual([true, true]);
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

describe('rule 48: what many databases say', () => {
  it.each<[string, Verdict, { message?: string } & Record<string, unknown>]>([
    ['PostgreSQL: lock not had in time', 'contended', { code: '55P03' }],
    ['PostgreSQL: completion of the statement unknown', 'lost', { code: '40003' }],
    ['PostgreSQL: idle session ended', 'lost', { code: '57P05' }],
    ['PostgreSQL: statement time-out', 'late', { code: '57014' }],
    ['PostgreSQL: raised by a function', 'answer', { code: 'P0001' }],
    ['PostgreSQL: configuration file', 'unwell', { code: 'F0000' }],
    ['ODBC: time-out', 'late', { code: 'HYT00' }],
    ['postgres.js', 'lost', { code: 'CONNECTION_CLOSED' }],
    ['MySQL: host is blocked', 'refused', { code: 'ER_HOST_IS_BLOCKED', errno: 1129, sqlState: 'HY000' }],
    ['MySQL: statement time-out', 'late', { code: 'ER_QUERY_TIMEOUT', errno: 3024, sqlState: 'HY000' }],
    ['MySQL: table is full', 'unwell', { code: 'ER_RECORD_FILE_FULL', errno: 1114, sqlState: 'HY000' }],
    ['MySQL: no default value', 'answer', { code: 'ER_NO_DEFAULT_FOR_FIELD', errno: 1364, sqlState: 'HY000' }],
    ['Prisma: pool time-out', 'refused', { name: 'PrismaClientKnownRequestError', code: 'P2024' }],
    ['Prisma: server not reached in time', 'refused', { name: 'PrismaClientInitializationError', errorCode: 'P1002' }],
    ['Prisma: time-out of an operation', 'late', { name: 'PrismaClientKnownRequestError', code: 'P1008' }],
    ['Prisma: server closed the connection', 'lost', { name: 'PrismaClientKnownRequestError', code: 'P1017' }],
    ['Prisma: write conflict', 'contended', { name: 'PrismaClientKnownRequestError', code: 'P2034' }],
    ['Prisma: credentials', 'answer', { name: 'PrismaClientInitializationError', errorCode: 'P1000' }],
    ['Prisma before 7: raw query', 'contended', { name: 'PrismaClientKnownRequestError', code: 'P2010', meta: { code: '40001' } }],
    ['an adapter of Prisma for MySQL', 'contended', { name: 'DriverAdapterError', cause: { kind: 'mysql', code: 1213, state: '40001' } }],
    ['an adapter of Prisma, not reached', 'refused', { name: 'DriverAdapterError', cause: { kind: 'DatabaseNotReachable' } }],
    ['Redis starts', 'refused', { name: 'ReplyError', message: 'LOADING Redis is loading the dataset in memory' }],
    ['Redis cannot write to its disk', 'unwell', { name: 'ReplyError', message: 'MISCONF Redis is configured to save RDB snapshots' }],
    ['a slot of Redis moves', 'contended', { name: 'ReplyError', message: 'TRYAGAIN Multiple keys request during rehashing of slot' }],
    ['Sequelize: stale instance', 'contended', { name: 'SequelizeOptimisticLockError' }],
    ['Knex: pool time-out', 'refused', { name: 'KnexTimeoutError', message: 'Knex: Timeout acquiring a connection. The pool is probably full.' }],
    ['Node: a connection that was not made in time', 'refused', { code: 'ETIMEDOUT', syscall: 'connect' }],
    ['Node: an answer that did not come in time', 'lost', { code: 'ETIMEDOUT', syscall: 'read' }],
  ])('%s: %s', (_what, verdict, fields) => {
    expect(databaseVerdict(error(fields, fields.message))).toBe(verdict);
  });

  it('the outermost error that tells decides', () => {
    const refused = error({ code: 'ECONNREFUSED' });
    expect(databaseVerdict(error({ cause: refused }))).toBe('refused');
    expect(databaseVerdict(error({ name: 'MaxRetriesPerRequestError', cause: refused }))).toBe('lost');
    expect(databaseVerdict(new AggregateError([error({}, 'unknown'), refused]))).toBe('refused');
  });

  it.each<[string, unknown]>([
    ['an error without anything', error({})],
    ['a code of Prisma that nobody knows', error({ code: 'P1999' })],
    ['a code of five characters', error({ code: 'E2BIG' })],
    ['any error of any database', error({ code: 'HY000' })],
    ['a number of a client', error({ code: 'ER_CMD_CONNECTION_CLOSED', errno: 45_013, sqlState: 'HY000' })],
    ['a number alone', error({ number: 1205 })],
    ['a time-out of DNS', error({ code: 'ETIMEOUT', syscall: 'queryA' })],
    ['an answer in the words of Redis', error({}, 'LOADING a page')],
    ['a text', 'down'],
    ['nothing', undefined],
  ])('an unknown shape is a failure that is not tried again, not the caller’s own mistake: %s', (_what, unknown) => {
    expect(databaseVerdict(unknown)).toBeUndefined();
    expect([isUndone(unknown), isTransientDatabaseError(unknown), isDatabaseOutage(unknown), isDatabaseMistake(unknown)]).toEqual([false, false, true, false]);
  });

  it('so is what cannot be read', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect([isUndone(proxy), isTransientDatabaseError(proxy), isDatabaseOutage(proxy), isDatabaseMistake(proxy)]).toEqual([false, false, true, false]);
  });

  it('a slip of the program is a mistake, unless a database is behind it', () => {
    expect(isDatabaseMistake(new TypeError('x is not a function'))).toBe(true);
    expect(isDatabaseMistake(new TypeError('failed', { cause: lost }))).toBe(false);
    expect(isDatabaseOutage(new TypeError('failed', { cause: lost }))).toBe(true);
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
