import { causesOf } from './causes';
import { isConnectionFailure } from './connection-failure';
import { clientVerdict } from './databases/clients';
import { mongodbVerdict } from './databases/mongodb';
import { mysqlVerdict } from './databases/mysql';
import { prismaVerdict } from './databases/prisma';
import { redisVerdict } from './databases/redis';
import { sqlServerVerdict } from './databases/sql-server';
import { sqlStateVerdict } from './databases/sql-state';
import { sqliteVerdict } from './databases/sqlite';
import type { Verdict } from './databases/verdict';
import { isOwnMistake } from './own-mistake';

/** MySQL's numbers say more than its SQLSTATE. */
const READERS = [prismaVerdict, mysqlVerdict, sqlStateVerdict, sqlServerVerdict, sqliteVerdict, redisVerdict, mongodbVerdict, clientVerdict];

/** What an error says about the database and the work: that of the outermost error that tells. undefined where none does. */
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
