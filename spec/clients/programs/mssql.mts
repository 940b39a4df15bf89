import mssql from 'mssql';
import { TimeoutError } from 'tarn'; // mssql's pool
import { silent } from './support/cuttable.mts';
import { report } from './support/scenarios.mts';

// No SQL Server can be had here. What fails without one is real; the answers of one are built by mssql's own class of what tedious hands to it.

/** What tedious makes of an error that SQL Server sent: its token, as `info` of an error. */
function answer(number: number, severity: number, message: string): () => Promise<never> {
  const info = { number, state: 1, class: severity, message, serverName: 'server', procName: '', lineNumber: 1 };
  return () => Promise.reject(new mssql.RequestError(Object.assign(new Error(message), { info }), 'EREQUEST'));
}

function access(port: number): mssql.config {
  return { server: '127.0.0.1', port, user: 'sa', password: 'x', connectionTimeout: 100, options: { trustServerCertificate: true }, pool: { max: 1 } };
}

const built = (error: Error) => () => Promise.reject(error);
const tedious = (message: string, code: string) => Object.assign(new Error(message), { code });

await report({
  'connection refused': () => new mssql.ConnectionPool(access(1)).connect(),
  'connect timeout': async () => new mssql.ConnectionPool(access(await silent())).connect(),
  'pool is closed': () => new mssql.ConnectionPool(access(1)).query('SELECT 1'),
  'built: pool timeout': built(new TimeoutError('Failed to acquire a connection from the pool: operation timed out for an unknown reason')),
  'built: connection reset': built(new mssql.RequestError(tedious('Connection lost - read ECONNRESET', 'ESOCKET'), 'EREQUEST')),
  'built: connection closed': built(new mssql.RequestError(tedious('Connection closed before request completed.', 'ECLOSE'), 'EREQUEST')),
  'built: client timeout': built(new mssql.RequestError(tedious('Timeout: Request failed to complete in 15000ms', 'ETIMEOUT'), 'EREQUEST')),
  'built: authentication failure': built(new mssql.ConnectionError(tedious("Login failed for user 'sa'.", 'ELOGIN'))),
  'built: transaction is aborted': built(new mssql.TransactionError('Transaction has been aborted.', 'EABORT')),
  'built: deadlock': answer(1205, 13, 'Transaction (Process ID 52) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.'),
  'built: serialization failure': answer(3960, 16, 'Snapshot isolation transaction aborted due to update conflict.'),
  'built: lock timeout': answer(1222, 16, 'Lock request time out period exceeded.'),
  'built: unique violation': answer(2627, 14, "Violation of PRIMARY KEY constraint 'PK_items'. Cannot insert duplicate key in object 'dbo.items'."),
  'built: null in a column that has none': answer(515, 16, "Cannot insert the value NULL into column 'name'"),
  'built: syntax error': answer(102, 15, "Incorrect syntax near 'SELEC'."),
  'built: no such table': answer(208, 16, "Invalid object name 'nowhere'."),
  'built: out of memory': answer(701, 17, 'There is insufficient system memory in resource pool to run this query.'),
  'built: disk is full': answer(9002, 17, "The transaction log for database 'a' is full."),
  'built: too many connections': answer(10928, 20, 'Resource ID : 1. The request limit for the database is 100 and has been reached.'),
  'built: database is not available': answer(40613, 17, "Database 'a' on server 's' is not currently available. Please retry the connection later."),
  'built: server shuts down': answer(6005, 14, 'SHUTDOWN is in progress.'),
  'built: argument is missing': built(new mssql.RequestError('Invalid number of arguments. At least 2 arguments expected.', 'EARGS')),
  'built: request is cancelled': built(new mssql.RequestError('Canceled.', 'ECANCEL')),
});
