import { propertyOf } from '../../core/thrown';
import { verdictsOf, type Verdict } from './verdict';

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
