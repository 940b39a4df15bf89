import { propertyOf } from '../core/thrown';
import { causesOf, codesOf, namesOf } from './causes';
import { isConnectionFailure } from './connection-failure';

/**
 * Failures after which nothing has been done: the server rolled the transaction back, or never let us in. SQLSTATEs
 * (PostgreSQL, and `sqlState` of MySQL), codes of Node and SQLite, and error numbers of MySQL.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 * @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
const UNDONE: ReadonlySet<unknown> = new Set([
  '40001', '40P01', // serialization failure, deadlock
  '08001', '08004', '53300', '57P03', // not connected, rejected, too many connections, starting up
  'ECONNREFUSED', 'EAI_AGAIN', 'SQLITE_BUSY',
  1205, 1213, // lock wait timeout, deadlock
  1040, 1203, // too many connections, of all and of this user
]);

/** Failures that leave open what has been done: the connection ended before the answer came. */
const LOST: ReadonlySet<unknown> = new Set([
  '08000', '08003', '08006', '08007', '08S01', '57P01', '57P02', 'PROTOCOL_CONNECTION_LOST', 1053,
]);

/** Names of errors of mongodb, and of ioredis; {@link SERVER_NOT_FOUND} never reached one. */
const LOST_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoNotConnectedError', 'MongoPoolClearedError', 'PoolClearedError',
  'PoolClearedOnNetworkError', 'MaxRetriesPerRequestError', 'ClusterAllFailedError', 'SocketClosedUnexpectedlyError',
]);
const SERVER_NOT_FOUND = 'MongoServerSelectionError';

/** Where a driver has no code: node-postgres, and ioredis. */
const LOST_WORDS = /^(Connection terminated|Client has encountered a connection error|Connection is closed)/;

/** Redis answers that it cannot take the command now. */
const NOT_NOW = /^(LOADING|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY) /;

/** Whether a failure that may pass has certainly left nothing behind, so that anything may be tried again after it. */
export function isUndone(error: unknown): boolean {
  const chain = causesOf(error);
  const isAbortedTransaction = chain.some((one) => labelsOf(one).includes('TransientTransactionError'));
  const isNotNow = chain.some((one) => isReply(one) && NOT_NOW.test(String(propertyOf(one, 'message'))));
  return marksOf(chain).some((mark) => UNDONE.has(mark)) || isAbortedTransaction || isNotNow || namesOf(chain).includes(SERVER_NOT_FOUND);
}

/** Whether a failure may pass, whatever it left behind. */
export function isTransientDatabaseError(error: unknown): boolean {
  return isUndone(error) || isLost(error);
}

/** Whether the connection ended, or the answer did not come in time. */
function isLost(error: unknown): boolean {
  const chain = causesOf(error);
  return (
    marksOf(chain).some((mark) => LOST.has(mark)) ||
    namesOf(chain).some((name) => LOST_NAMES.has(name)) ||
    chain.some((one) => LOST_WORDS.test(String(propertyOf(one, 'message'))) || labelsOf(one).includes('RetryableWriteError')) ||
    isConnectionFailure(error)
  );
}

/** SQLSTATEs by which the server says that it is unwell: connections, resources, shutdown, system errors, internal errors. */
const UNWELL = /^(08|53|57P|58|XX)/;
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** Whether an error says that the database is unwell: anything but its answer to a statement, a deadlock too. */
export function isDatabaseOutage(error: unknown): boolean {
  if (isLost(error)) return true;
  const chain = causesOf(error);
  const states = marksOf(chain).filter((mark): mark is string => typeof mark === 'string' && SQLSTATE.test(mark));
  if (states.some((state) => UNWELL.test(state))) return true;
  return states.length === 0 && !chain.some((one) => isReply(one) || isServerAnswer(one)) && !codesOf(chain).includes('SQLITE_BUSY');
}

/** Codes, SQLSTATEs and error numbers along a chain of causes. */
function marksOf(chain: readonly object[]): unknown[] {
  return chain.flatMap((one) => [propertyOf(one, 'code'), propertyOf(one, 'sqlState'), propertyOf(one, 'errno')]);
}

function labelsOf(error: object): unknown[] {
  const labels = propertyOf(error, 'errorLabels');
  return Array.isArray(labels) ? (labels as unknown[]) : [];
}

/** An error that Redis sent: ioredis and node-redis name it differently. */
function isReply(error: object): boolean {
  return ['ReplyError', 'ErrorReply', 'SimpleError'].includes(propertyOf(error, 'name') as string);
}

/** An error that MongoDB sent about a command. */
function isServerAnswer(error: object): boolean {
  return ['MongoServerError', 'MongoBulkWriteError', 'MongoWriteConcernError'].includes(propertyOf(error, 'name') as string);
}
