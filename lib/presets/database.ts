import type { PolicyOptions } from '../protect/policies';
import { causesOf } from './causes';
import { isConnectionFailure } from './connection-failure';
import { clientVerdict, type Verdict } from './databases/verdict';
import { mongodbVerdict } from './databases/mongodb';
import { mysqlVerdict, sqlServerVerdict, sqlStateVerdict, sqliteVerdict } from './databases/sql';
import { prismaVerdict } from './databases/prisma';
import { redisVerdict } from './databases/redis';
import { finagle } from './finagle';
import { override } from './overrides';
import { isOwnMistake } from './own-mistake';

/** MySQL's numbers say more than its SQLSTATE. */
const READERS = [prismaVerdict, mysqlVerdict, sqlStateVerdict, sqlServerVerdict, sqliteVerdict, redisVerdict, mongodbVerdict, clientVerdict];

/** The verdict of the outermost error that has one; undefined where none has. */
export function databaseVerdict(error: unknown): Verdict | undefined {
  for (const one of causesOf(error)) {
    for (const read of READERS) {
      const verdict = read(one);
      if (verdict !== undefined) return verdict;
    }
  }
  return isConnectionFailure(error) ? 'lost' : undefined;
}

/** Whether a failure that may pass has certainly left nothing behind, so that anything may be tried again after it. */
export function isUndone(error: unknown): boolean {
  const verdict = databaseVerdict(error);
  return verdict === 'contended' || verdict === 'refused';
}

/** Whether a failure may pass, whatever it left behind. */
export function isTransientDatabaseError(error: unknown): boolean {
  const verdict = databaseVerdict(error);
  return verdict === 'contended' || verdict === 'refused' || verdict === 'lost' || verdict === 'late';
}

/** Whether an error says that the database is unwell: anything but its answer to a statement, a deadlock too. What nobody knows counts. */
export function isDatabaseOutage(error: unknown): boolean {
  const verdict = databaseVerdict(error);
  return verdict !== 'answer' && verdict !== 'contended' && verdict !== 'mistake';
}

/** Whether an error is the caller's own: the client refused what it was given, or the program has a slip. */
export function isDatabaseMistake(error: unknown): boolean {
  const verdict = databaseVerdict(error);
  return verdict === undefined ? isOwnMistake(error) : verdict === 'mistake';
}

/**
 * Policies for a function that works with a database, for `withPolicies` and `@Resilient`; a fresh object each time. It knows the errors of
 * node-postgres, mysql2, mssql, SQLite, mongodb, ioredis and node-redis, also as Sequelize, TypeORM, Drizzle and Prisma wrap them. The function must
 * be a whole transaction, or outside of any: after a deadlock the statements before it are undone too.
 *
 * - Three attempts, 50 ms and 100 ms apart at most, after failures that left nothing behind: deadlocks, serialization
 *   failures, lock wait timeouts, connections that were refused, full pools. A connection that was lost, or an answer that came too late,
 *   leaves open whether the work was done: they are tried again only where `retry: { idempotent: true }`, or a predicate,
 *   says that the work may be done twice.
 * - The circuit opens when half of at least 10 attempts within 30 s found the database unwell, for 10 s. An answer to a
 *   statement, such as a violated constraint or a deadlock, is an answer. An error that nobody knows is a failure.
 * - 10 calls at a time, as many as the pools of node-postgres and mysql2 have connections; 100 more wait, up to 5 s.
 * - 10 s for each attempt.
 *
 * @param overrides - Policies whose options go over these: `presets.database({ bulkhead: 20 })`.
 * @throws {@link ConfigurationError} when `overrides` is no object; what is in it is checked where the policies are applied.
 */
export function database(overrides: PolicyOptions = {}): PolicyOptions {
  const preset: PolicyOptions = {
    retry: {
      handle: saysIdempotent(overrides) ? isTransientDatabaseError : isUndone,
      maxAttempts: 3,
      baseDelay: '50ms',
      maxElapsed: '15s',
      ...finagle(),
    },
    breaker: {
      handle: isDatabaseOutage,
      ignore: isDatabaseMistake,
      window: { type: 'time', duration: '30s', minimumCalls: 10, failureRate: 0.5 },
      recoveryTimeout: '10s',
    },
    bulkhead: { maxConcurrent: 10, maxQueue: 100, maxWait: '5s' },
    timeout: { duration: '10s' },
  };
  return override(preset, overrides, 'presets.database');
}

function saysIdempotent(overrides: PolicyOptions | null): boolean {
  return (overrides?.retry?.idempotent ?? false) !== false;
}
