import { propertyOf } from '../../core/thrown';
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
