import { propertyOf } from '../../core/safe-inspect';

/**
 * The verdict of an error on the database and the work:
 *
 * - `answer`: the database answered, and would answer the same again: a violated constraint, a syntax error, a wrong password.
 * - `mistake`: the client refused what it was given, before any database heard of it.
 * - `contended`: the work was undone because of other work; another attempt may succeed, and the database is well.
 * - `refused`: nothing was done, because there was no connection or the server took no work on.
 * - `lost`: the connection ended before the answer came; nobody knows what was done.
 * - `late`: the answer did not come in time, or the server gave the statement up.
 * - `unwell`: the database has a fault that does not pass in a moment, such as a full disk. Also what nobody knows.
 */
export type Verdict = 'answer' | 'mistake' | 'contended' | 'refused' | 'lost' | 'late' | 'unwell';

/** A table of verdicts, written the other way round: which keys have one. */
export function verdictsOf<Key>(table: Partial<Record<Verdict, readonly Key[]>>): ReadonlyMap<Key, Verdict> {
  const verdicts = Object.keys(table) as Verdict[];
  return new Map(verdicts.flatMap((verdict) => (table[verdict] ?? []).map((key): [Key, Verdict] => [key, verdict])));
}

/** Names of errors of Sequelize and TypeORM. Where one wraps the error of a driver, that says more: those are not here. */
const NAMES = verdictsOf<unknown>({
  refused: ['SequelizeConnectionAcquireTimeoutError', 'SequelizeConnectionRefusedError', 'SequelizeConnectionTimedOutError', 'SequelizeHostNotReachableError'],
  contended: ['SequelizeOptimisticLockError', 'OptimisticLockVersionMismatchError'],
  answer: ['SequelizeUniqueConstraintError', 'SequelizeForeignKeyConstraintError', 'SequelizeExclusionConstraintError', 'SequelizeEmptyResultError', 'EntityNotFoundError'],
  mistake: [
    'SequelizeValidationError', 'SequelizeAssociationError', 'SequelizeEagerLoadingError', 'SequelizeInstanceError', 'SequelizeQueryError', 'SequelizeScopeError',
    'EntityMetadataNotFoundError', 'EntityPropertyNotFoundError',
  ],
});

/** Codes of Node for a connection that was not made, and of postgres.js. */
const CODES = verdictsOf<unknown>({
  refused: ['ECONNREFUSED', 'EAI_AGAIN', 'CONNECT_TIMEOUT'],
  lost: ['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED'],
});

/** All that node-postgres, mysql2 and ioredis say where they have no code. */
const WORDS: readonly (readonly [RegExp, Verdict])[] = [
  [/^(Connection terminated due to connection timeout|timeout expired|timeout exceeded when trying to connect)$/, 'refused'],
  [/^(Client was closed|Client has encountered a connection error) and is not queryable$/, 'refused'],
  [/^(Queue limit reached\.|No connections available\.|Can't add new command when connection is in closed state)$/, 'refused'],
  [/^(Failed to acquire a connection from the pool|Knex: Timeout acquiring a connection)/, 'refused'], // mssql, Knex
  [/^(Stream isn't writeable and enableOfflineQueue options is false|All sentinels are unreachable)/, 'refused'],
  [/^(Connection terminated|Connection is closed\.|Command aborted due to connection close|Redis connection lost)/, 'lost'],
  [/^(Query read timeout|Command timed out)$/, 'late'],
];

export function clientVerdict(error: object): Verdict | undefined {
  // Whatever became of it, a connection that was not made carried nothing.
  if (propertyOf(error, 'syscall') === 'connect') return 'refused';
  const known = NAMES.get(propertyOf(error, 'name')) ?? CODES.get(propertyOf(error, 'code'));
  if (known !== undefined) return known;
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? WORDS.find(([words]) => words.test(message))?.[1] : undefined;
}
