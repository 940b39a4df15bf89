import { propertyOf } from '../../core/safe-inspect';
import { verdictsOf, type Verdict } from './verdict';

/** Errors of the driver. */
const NAMES = verdictsOf<unknown>({
  refused: ['MongoServerSelectionError', 'MongoNotConnectedError', 'MongoPoolClearedError', 'PoolClearedError', 'MongoWaitQueueTimeoutError'],
  lost: ['MongoNetworkError', 'PoolClearedOnNetworkError'],
  late: ['MongoNetworkTimeoutError', 'MongoOperationTimeoutError'],
  mistake: ['MongoParseError', 'MongoInvalidArgumentError'],
});

/** Errors that a server sent about a command. */
const SENT: ReadonlySet<unknown> = new Set(['MongoServerError', 'MongoBulkWriteError', 'MongoWriteConcernError']);

/**
 * Codes of the server for what is not an answer to the command.
 *
 * @see https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const CODES = verdictsOf<unknown>({
  contended: [112], // write conflict
  refused: [10_107, 13_435, 13_436], // not the primary, not ready
  lost: [6, 7, 89, 91, 189, 262, 9001, 11_600, 11_602], // network, shutdown, primary stepped down
  late: [50], // `maxTimeMS`
  unwell: [14_031], // disk
});

export function mongodbVerdict(error: object): Verdict | undefined {
  const labels = labelsOf(error);
  if (labels.includes('TransientTransactionError')) return 'contended';
  const name = propertyOf(error, 'name');
  const known = SENT.has(name) ? CODES.get(propertyOf(error, 'code')) : NAMES.get(name);
  return known ?? (labels.includes('RetryableWriteError') ? 'lost' : SENT.has(name) ? 'answer' : undefined);
}

/** A list, or what looks like one: the error may come from anywhere. */
function labelsOf(error: object): unknown[] {
  const labels = propertyOf(error, 'errorLabels');
  return [0, 1, 2, 3, 4, 5, 6, 7].map((n) => propertyOf(labels, n));
}
