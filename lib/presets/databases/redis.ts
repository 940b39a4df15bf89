import { asText, propertyOf } from '../../core/safe-inspect';
import { verdictsOf, type Verdict } from './verdict';

/** Errors that a Redis sends begin with a word. It did nothing after any of these; all others are answers. */
const REPLIES = verdictsOf({
  refused: ['LOADING', 'CLUSTERDOWN', 'MASTERDOWN', 'READONLY', 'BUSY', 'NOREPLICAS'], // starts, no cluster, no primary, a replica, a script runs
  contended: ['TRYAGAIN'], // a slot moves
  unwell: ['OOM', 'MISCONF'], // memory, disk
});

/** How ioredis and node-redis name what a Redis sent. */
const REPLY_NAMES: ReadonlySet<unknown> = new Set(['ReplyError', 'ErrorReply', 'SimpleError', 'BlobError', 'MultiErrorReply']);

/** Errors of the clients themselves. */
const NAMES = verdictsOf<unknown>({
  refused: ['ClientClosedError', 'ClientOfflineError', 'ConnectionTimeoutError', 'RootNodesUnavailableError'],
  lost: ['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'SocketClosedUnexpectedlyError', 'DisconnectsClientError'],
  late: ['SocketTimeoutError', 'SocketTimeoutDuringMaintenanceError', 'CommandTimeoutDuringMaintenanceError'],
  contended: ['WatchError'], // a watched key was changed
});

export function redisVerdict(error: object): Verdict | undefined {
  // The classes of node-redis leave `name` at "Error".
  const names = [propertyOf(error, 'name'), propertyOf(propertyOf(error, 'constructor'), 'name')];
  if (names.some((name) => REPLY_NAMES.has(name))) return replied(asText(propertyOf(error, 'message')));
  return names.map((name) => NAMES.get(name)).find((verdict) => verdict !== undefined);
}

function replied(message: string): Verdict {
  if (message.startsWith('ERR max number of clients')) return 'refused';
  return REPLIES.get(/^[A-Z]+/.exec(message)?.[0] ?? '') ?? 'answer';
}
