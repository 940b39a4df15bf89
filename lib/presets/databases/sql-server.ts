import { propertyOf } from '../../core/thrown';
import { verdictsOf, type Verdict } from './verdict';

/**
 * Error numbers of SQL Server and Azure SQL.
 *
 * @see https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
 * @see https://learn.microsoft.com/en-us/azure/azure-sql/database/troubleshoot-common-errors-issues
 */
const NUMBERS = verdictsOf({
  contended: [1205, 1222, 3960, 3961, 41_301, 41_302, 41_305, 41_325], // deadlock, lock time-out, snapshot and in-memory conflicts
  refused: [4221, 10_928, 10_929, 10_936, 17_142, 17_809, 40_197, 40_501, 40_613, 49_918, 49_919, 49_920], // limits, paused, busy, not available
  lost: [64, 121, 233, 596, 6005, 10_053, 10_054], // connection, killed session, shutdown
});

/** From this severity on, an error is of resources or of the system; below, whoever sent the statement can mend it. */
const FIRST_OF_SYSTEM = 17;

/** Codes of mssql and of tedious, to which mssql gives names of its own. */
const CODES = verdictsOf({
  answer: ['ELOGIN', 'EABORT'],
  refused: ['ECONNCLOSED', 'ENOTOPEN', 'EINSTLOOKUP'],
  lost: ['ECLOSE'],
  mistake: [
    'ECANCEL', 'EARGS', 'EINJECT', 'EDUPEPARAM', 'EPARAM', 'ENAME', 'EDEPRECATED', 'ENOTPREPARED', 'EALREADYPREPARED', 'ENOTBEGUN', 'EALREADYBEGUN', 'EREQINPROG', 'ENOCONN',
  ],
});

const NAMES: ReadonlySet<unknown> = new Set(['ConnectionError', 'RequestError', 'TransactionError', 'PreparedStatementError']);

export function sqlServerVerdict(error: object): Verdict | undefined {
  const [number, severity] = [propertyOf(error, 'number'), propertyOf(error, 'class')];
  if (typeof number === 'number' && typeof severity === 'number') {
    return NUMBERS.get(number) ?? (severity < FIRST_OF_SYSTEM ? 'answer' : 'unwell');
  }
  const [name, code] = [propertyOf(error, 'name'), propertyOf(error, 'code')];
  if (!NAMES.has(name) || typeof code !== 'string') return undefined;
  // The same code says that there was no connection yet, or that there is none any more.
  if (code === 'ESOCKET') return name === 'ConnectionError' ? 'refused' : 'lost';
  if (code === 'ETIMEOUT') return name === 'ConnectionError' ? 'refused' : 'late';
  return CODES.get(code);
}
