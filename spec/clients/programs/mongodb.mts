import * as mongodb from 'mongodb';
import { PoolClearedError, WaitQueueTimeoutError } from 'mongodb/lib/cmap/errors.js';
import { silent } from './support/cuttable.mts';
import { report } from './support/scenarios.mts';

// No MongoDB can be had here. What fails without one is real; its answers are built by the driver's own classes of the documents that a server sends.

const client = (port: number): mongodb.MongoClient => new mongodb.MongoClient(`mongodb://127.0.0.1:${port}`, { serverSelectionTimeoutMS: 100, connectTimeoutMS: 50 });

function answer(code: number, codeName: string, message: string, ...errorLabels: string[]): () => Promise<never> {
  return () => Promise.reject(new mongodb.MongoServerError({ ok: 0, code, codeName, errmsg: message, message, ...(errorLabels.length > 0 && { errorLabels }) }));
}

const built = (error: Error) => () => Promise.reject(error);

await report({
  'connection refused': () => client(1).db('a').collection('items').findOne(),
  'connect timeout': async () => client(await silent()).db('a').collection('items').findOne(),
  'client is closed': async () => {
    const one = client(1);
    await one.close();
    await one.db('a').collection('items').findOne();
  },
  'argument is missing': () => Promise.resolve().then(() => new mongodb.MongoClient('postgres://127.0.0.1')),
  'built: connection closed': built(new mongodb.MongoNetworkError('connection 1 to 127.0.0.1:27017 closed')),
  'built: client timeout': built(new mongodb.MongoNetworkTimeoutError('connection 1 to 127.0.0.1:27017 timed out')),
  'built: pool timeout': built(new WaitQueueTimeoutError('Timed out while checking out a connection from connection pool', '127.0.0.1:27017')),
  'built: pool is cleared': built(new PoolClearedError({ address: '127.0.0.1:27017', serverError: new mongodb.MongoNetworkError('connect ECONNREFUSED') } as any)),
  'built: time-out of the operation': built(new mongodb.MongoOperationTimeoutError('Timed out during socket read (100ms)')),
  'built: statement timeout': answer(50, 'MaxTimeMSExpired', 'operation exceeded time limit'),
  'built: deadlock': answer(112, 'WriteConflict', 'WriteConflict error: this operation conflicted with another operation.', 'TransientTransactionError'),
  'built: lock timeout': answer(24, 'LockTimeout', 'Unable to acquire lock within 5ms.', 'TransientTransactionError'),
  'built: unique violation': answer(11_000, 'DuplicateKey', 'E11000 duplicate key error collection: a.items index: _id_ dup key: { _id: 1 }'),
  'built: unique violation of many': built(new mongodb.MongoBulkWriteError({ message: 'E11000 duplicate key error', code: 11_000, writeErrors: [] }, {} as mongodb.BulkWriteResult)),
  'built: syntax error': answer(9, 'FailedToParse', 'unknown operator: $nosuch'),
  'built: document is not valid': answer(121, 'DocumentValidationFailure', 'Document failed validation'),
  'built: authentication failure': answer(18, 'AuthenticationFailed', 'Authentication failed.'),
  'built: not the primary': answer(10_107, 'NotWritablePrimary', 'not primary', 'RetryableWriteError'),
  'built: read while the primary steps down': answer(11_602, 'InterruptedDueToReplStateChange', 'operation was interrupted'),
  'built: server shuts down': answer(91, 'ShutdownInProgress', 'The server is in quiesce mode and will shut down'),
  'built: statement needs too much memory': answer(146, 'ExceededMemoryLimit', 'Exceeded memory limit'),
  'built: disk is full': answer(14_031, 'OutOfDiskSpace', 'No space left on device'),
});
