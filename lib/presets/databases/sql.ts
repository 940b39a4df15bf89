import { propertyOf } from '../../core/safe-inspect';
import { verdictsOf, type Verdict } from './verdict';

/** Classes of standard SQL and of vendors. Other codes of five characters are none: `EPIPE`, Prisma's `P2002`. */
const SQLSTATE = /^(?:\d[\dA-Z]|F0|H[VWYZ]|IM|P0|S[01]|XX)[\dA-Z]{3}$/;

/**
 * SQLSTATEs of PostgreSQL, MySQL (`sqlState`) and ODBC.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const STATES = verdictsOf({
  contended: ['40001', '40P01', '55P03'], // serialization failure, deadlock, lock not had in time
  refused: ['08001', '08004', '53300', '57P03'], // not connected, rejected, too many connections, starting up
  lost: ['57P01', '57P02', '57P05', '40003'], // shutdown, crash, idle time-out, completion unknown
  late: ['57014', '25P03', '25P04', 'HYT00', 'HYT01'], // statement, transaction, ODBC's time-outs
  unwell: ['HY001'], // out of memory
});

/** Resources, shutdown, system errors, configuration, internal errors. */
const UNWELL = /^(?:53|57P|58|F0|XX)/;

/** The verdict of a SQLSTATE; undefined of what is none, and of `HY000`, which means any error. */
export function verdictOnState(state: unknown): Verdict | undefined {
  if (typeof state !== 'string' || !SQLSTATE.test(state) || state === 'HY000') return undefined;
  const known = STATES.get(state);
  if (known !== undefined) return known;
  if (state.startsWith('08')) return 'lost';
  return UNWELL.test(state) ? 'unwell' : 'answer';
}

/** Of an error of node-postgres, postgres.js and others, whose `code` is the SQLSTATE. */
export function sqlStateVerdict(error: object): Verdict | undefined {
  return verdictOnState(propertyOf(error, 'code')) ?? verdictOnState(propertyOf(error, 'sqlState'));
}

/**
 * Error numbers of MySQL and MariaDB, for what their SQLSTATE does not say: it is often `HY000`.
 *
 * @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 * @see https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const MYSQL_NUMBERS = verdictsOf({
  contended: [1205, 1213, 1614], // lock wait time-out, deadlock, deadlock of a distributed transaction
  refused: [1040, 1203, 1226, 1129, 1135], // too many connections (of all, of this user, by its account), host blocked, no thread
  lost: [1053, 1927], // shutdown, connection killed
  late: [1317, 1969, 3024], // query interrupted, `max_statement_time`, `max_execution_time`
  unwell: [1021, 1026, 1030, 1037, 1038, 1041, 1114], // disk, storage engine, memory, table full
});

/** mysql2's own codes. */
const MYSQL_CODES = verdictsOf({ lost: ['PROTOCOL_CONNECTION_LOST'], late: ['PROTOCOL_SEQUENCE_TIMEOUT'] });

/** Numbers from here on are of a client (MariaDB's connector), not of a server. */
const FIRST_OF_CLIENT = 45_000;

export function mysqlVerdict(error: object): Verdict | undefined {
  const code = propertyOf(error, 'code');
  const known = typeof code === 'string' ? MYSQL_CODES.get(code) : undefined;
  return known ?? (typeof propertyOf(error, 'sqlState') === 'string' ? mysqlAnswer(error) : undefined);
}

/** MySQL sends a SQLSTATE with each error, MariaDB an empty one to whom it does not let in. */
function mysqlAnswer(error: object): Verdict | undefined {
  const number = propertyOf(error, 'errno');
  if (typeof number !== 'number') return undefined;
  const verdict = MYSQL_NUMBERS.get(number) ?? verdictOnState(propertyOf(error, 'sqlState'));
  return verdict ?? (number < FIRST_OF_CLIENT ? 'answer' : undefined);
}

/**
 * Error numbers of SQL Server and Azure SQL.
 *
 * @see https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
 * @see https://learn.microsoft.com/en-us/azure/azure-sql/database/troubleshoot-common-errors-issues
 */
const MSSQL_NUMBERS = verdictsOf({
  contended: [1205, 1222, 3960, 3961, 41_301, 41_302, 41_305, 41_325], // deadlock, lock time-out, snapshot and in-memory conflicts
  refused: [4221, 10_928, 10_929, 10_936, 17_142, 17_809, 40_197, 40_501, 40_613, 49_918, 49_919, 49_920], // limits, paused, busy, not available
  lost: [64, 121, 233, 596, 6005, 10_053, 10_054], // connection, killed session, shutdown
});

/** From this severity on, an error is of resources or of the system; below, whoever sent the statement can mend it. */
const FIRST_OF_SYSTEM = 17;

/** Codes of mssql and of tedious, to which mssql gives names of its own. */
const MSSQL_CODES = verdictsOf({
  answer: ['ELOGIN', 'EABORT'],
  refused: ['ECONNCLOSED', 'ENOTOPEN', 'EINSTLOOKUP'],
  lost: ['ECLOSE'],
  mistake: [
    'ECANCEL', 'EARGS', 'EINJECT', 'EDUPEPARAM', 'EPARAM', 'ENAME', 'EDEPRECATED', 'ENOTPREPARED', 'EALREADYPREPARED', 'ENOTBEGUN', 'EALREADYBEGUN', 'EREQINPROG', 'ENOCONN',
  ],
});

const MSSQL_NAMES: ReadonlySet<unknown> = new Set(['ConnectionError', 'RequestError', 'TransactionError', 'PreparedStatementError']);

export function sqlServerVerdict(error: object): Verdict | undefined {
  const [number, severity] = [propertyOf(error, 'number'), propertyOf(error, 'class')];
  if (typeof number === 'number' && typeof severity === 'number') {
    return MSSQL_NUMBERS.get(number) ?? (severity < FIRST_OF_SYSTEM ? 'answer' : 'unwell');
  }
  const [name, code] = [propertyOf(error, 'name'), propertyOf(error, 'code')];
  if (!MSSQL_NAMES.has(name) || typeof code !== 'string') return undefined;
  // The same code says that there was no connection yet, or that there is none any more.
  if (code === 'ESOCKET') return name === 'ConnectionError' ? 'refused' : 'lost';
  if (code === 'ETIMEOUT') return name === 'ConnectionError' ? 'refused' : 'late';
  return MSSQL_CODES.get(code);
}

/**
 * Primary result codes of SQLite; all others are faults of the file, the disk or the memory.
 *
 * @see https://www.sqlite.org/rescode.html
 */
const SQLITE_NAMES = verdictsOf({
  contended: ['BUSY', 'LOCKED'],
  late: ['INTERRUPT'],
  answer: ['ERROR', 'READONLY', 'SCHEMA', 'TOOBIG', 'CONSTRAINT', 'MISMATCH', 'MISUSE', 'AUTH', 'RANGE'],
});

/** The same as numbers, as `node:sqlite` has them. */
const SQLITE_NUMBERS = verdictsOf({ contended: [5, 6], late: [9], answer: [1, 8, 17, 18, 19, 20, 21, 23, 25] });

/** better-sqlite3, sqlite3, libSQL; and `node:sqlite`, which has a number. Extended codes begin with the primary one, or have it in their low byte. */
export function sqliteVerdict(error: object): Verdict | undefined {
  const code = propertyOf(error, 'code');
  if (code === 'ERR_SQLITE_ERROR') return SQLITE_NUMBERS.get(Number(propertyOf(error, 'errcode')) & 0xff) ?? 'unwell';
  const name = typeof code === 'string' ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined;
  return name === undefined ? undefined : (SQLITE_NAMES.get(name) ?? 'unwell');
}
