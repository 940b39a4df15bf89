import { asText, propertyOf } from '../../core/safe-inspect';
import { verdictOnState } from './sql';
import { verdictsOf, type Verdict } from './verdict';

/** @see https://www.prisma.io/docs/orm/reference/error-reference */
const CODES = verdictsOf({
  refused: ['P1001', 'P1002', 'P2024', 'P2037', 'P5011', 'P6008'], // not reached, no connection of the pool in time, too many connections
  late: ['P1008', 'P2028', 'P6004'], // time-outs: of an operation, of a transaction, of Accelerate
  lost: ['P1017'],
  contended: ['P2034'], // write conflict or deadlock
  answer: ['P1000', 'P1003', 'P1009', 'P1010', 'P1014'], // credentials, no such database, exists, access denied, no such table
  unwell: ['P2036'],
});

/** Kinds of errors that a driver adapter tells apart; all others but {@link AS_SENT} are answers. */
const KINDS = verdictsOf({
  refused: ['DatabaseNotReachable', 'TooManyConnections'],
  late: ['SocketTimeout'],
  lost: ['ConnectionClosed'],
  contended: ['TransactionWriteConflict'],
  unwell: ['TlsConnectionError'],
});

/** Kinds by which an adapter passes on what the database sent. */
const AS_SENT: ReadonlySet<unknown> = new Set(['postgres', 'mysql', 'sqlite', 'mssql']);

/** A raw query failed; what happened is in its `meta`. */
const RAW_QUERY = 'P2010';

export function prismaVerdict(error: object): Verdict | undefined {
  const [name, meta] = [propertyOf(error, 'name'), propertyOf(error, 'meta')];
  if (name === 'PrismaClientValidationError') return 'mistake';
  if (name === 'DriverAdapterError') return adapterVerdict(error);
  const code = propertyOf(error, 'code') ?? propertyOf(error, 'errorCode');
  if (typeof code !== 'string' || !/^P[1-6]\d{3}$/.test(code)) return undefined;
  if (code === RAW_QUERY) return verdictOnState(propertyOf(meta, 'code')) ?? adapterVerdict(propertyOf(meta, 'driverAdapterError'));
  if (code === 'P2028' && asText(propertyOf(error, 'message')).includes('Unable to start a transaction')) return 'refused';
  return CODES.get(code) ?? (code.startsWith('P2') ? 'answer' : undefined);
}

function adapterVerdict(error: unknown): Verdict | undefined {
  const cause = propertyOf(error, 'cause');
  const kind = propertyOf(cause, 'kind');
  const known = typeof kind === 'string' ? KINDS.get(kind) : undefined;
  if (known !== undefined || kind === undefined) return known;
  const sent = [propertyOf(cause, 'code'), propertyOf(cause, 'state'), propertyOf(cause, 'originalCode')];
  const state = sent.map(verdictOnState).find((verdict) => verdict !== undefined);
  return state ?? (AS_SENT.has(kind) ? undefined : 'answer');
}
