import { propertyOf } from '../../core/thrown';
import { verdictOnState } from './sql-state';
import { verdictsOf, type Verdict } from './verdict';

/**
 * Error numbers of MySQL and MariaDB, for what their SQLSTATE does not say: it is often `HY000`.
 *
 * @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 * @see https://mariadb.com/kb/en/mariadb-error-code-reference/
 */
const NUMBERS = verdictsOf({
  contended: [1205, 1213, 1614], // lock wait time-out, deadlock, deadlock of a distributed transaction
  refused: [1040, 1203, 1226, 1129, 1135], // too many connections (of all, of this user, by its account), host blocked, no thread
  lost: [1053, 1927], // shutdown, connection killed
  late: [1317, 1969, 3024], // query interrupted, `max_statement_time`, `max_execution_time`
  unwell: [1021, 1026, 1030, 1037, 1038, 1041, 1114], // disk, storage engine, memory, table full
});

/** mysql2's own codes. */
const CODES = verdictsOf({ lost: ['PROTOCOL_CONNECTION_LOST'], late: ['PROTOCOL_SEQUENCE_TIMEOUT'] });

/** Numbers from here on are of a client (MariaDB's connector), not of a server. */
const FIRST_OF_CLIENT = 45_000;

export function mysqlVerdict(error: object): Verdict | undefined {
  const code = propertyOf(error, 'code');
  const known = typeof code === 'string' ? CODES.get(code) : undefined;
  return known ?? (typeof propertyOf(error, 'sqlState') === 'string' ? answered(error) : undefined);
}

/** MySQL sends a SQLSTATE with each error, MariaDB an empty one to whom it does not let in. */
function answered(error: object): Verdict | undefined {
  const number = propertyOf(error, 'errno');
  if (typeof number !== 'number') return undefined;
  const verdict = NUMBERS.get(number) ?? verdictOnState(propertyOf(error, 'sqlState'));
  return verdict ?? (number < FIRST_OF_CLIENT ? 'answer' : undefined);
}
