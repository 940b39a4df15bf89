import type { Verdict } from '../../lib/presets/databases/verdict';

/**
 * What `presets.database()` must make of what happens to a client: an outage counts; what left nothing behind and may pass is tried again, what may have
 * been done only where the work may be done twice; what the caller can mend is not tried again and opens no circuit; what nobody knows counts.
 */
const RIGHT: Record<string, Verdict> = {
  'connection refused': 'refused',
  'connection refused at every address': 'refused',
  'connection refused, of a model': 'refused',
  'connect timeout': 'refused',
  'too many connections': 'refused',
  'too many connections of all': 'refused',
  'pool timeout': 'refused',
  'pool is cleared': 'refused',
  'transaction does not begin in time': 'refused',
  'client is closed': 'refused',
  'client is offline': 'refused',
  'database is not available': 'refused',
  'write to a replica': 'refused',
  'no replicas': 'refused',
  'busy with a script': 'refused',
  'not the primary': 'refused',

  'connection reset': 'lost',
  'connection closed': 'lost',
  'connection closed during a pipeline': 'lost',
  'connection terminated by the server': 'lost',
  'connection killed by an administrator': 'lost',
  'server shuts down': 'lost',
  'read while the primary steps down': 'lost',

  'statement timeout': 'late',
  'statement is cancelled': 'late',
  'client timeout': 'late',
  'command timeout': 'late',
  'no answer to the first command': 'late',
  'time-out of the operation': 'late',
  'transaction took too long': 'late',

  deadlock: 'contended',
  'serialization failure': 'contended',
  'lock timeout': 'contended',
  busy: 'contended',

  'unique violation': 'answer',
  'unique violation of a model': 'answer',
  'unique violation of an entity': 'answer',
  'unique violation of many': 'answer',
  'null in a column that has none': 'answer',
  'wrong type': 'answer',
  'syntax error': 'answer',
  'no such table': 'answer',
  'no such command': 'answer',
  'transaction with a mistake': 'answer',
  'transaction is aborted': 'answer',
  'row is not found': 'answer',
  'entity is not found': 'answer',
  'document is not valid': 'answer',
  'statement needs too much memory': 'answer',
  'write to a database that is read-only': 'answer',
  'authentication failure': 'answer',

  'model is not valid': 'mistake',
  'models are not valid': 'mistake',
  'query is not valid': 'mistake',
  'argument is missing': 'mistake',
  'request is cancelled': 'mistake',

  'disk is full': 'unwell',
  'out of memory': 'unwell',
  'file cannot be opened': 'unwell',
  'file is no database': 'unwell',
  'pool is closed': 'unwell',
};

/** Where a client tells less than others. */
const TELLS_LESS: Record<string, Verdict> = {
  // ioredis tries by itself for a while, and then does not say whether it sent the command.
  'ioredis: connection refused': 'lost',
  'ioredis: too many connections': 'lost',
  'ioredis: client is closed': 'lost',
  // mssql has one code for a pool that is not yet open, that is lost, and that was closed.
  'mssql: pool is closed': 'refused',
};

/** @param scenario - May have a client and “built” before it: `node-redis: wrong type`. */
export function rightVerdict(client: string, scenario: string): Verdict | undefined {
  const what = scenario.split(': ').at(-1)!;
  return TELLS_LESS[scenario] ?? TELLS_LESS[`${client}: ${what}`] ?? RIGHT[what];
}

/** What a verdict means for the calls: attempts by default and with `idempotent`, of three at most, and what an attempt counts for in the circuit. */
export const MEANING: Record<Verdict, { attempts: number; idempotentAttempts: number; counted: 'failure' | 'success' | 'ignored' }> = {
  refused: { attempts: 3, idempotentAttempts: 3, counted: 'failure' },
  lost: { attempts: 1, idempotentAttempts: 3, counted: 'failure' },
  late: { attempts: 1, idempotentAttempts: 3, counted: 'failure' },
  contended: { attempts: 3, idempotentAttempts: 3, counted: 'success' },
  answer: { attempts: 1, idempotentAttempts: 1, counted: 'success' },
  mistake: { attempts: 1, idempotentAttempts: 1, counted: 'ignored' },
  unwell: { attempts: 1, idempotentAttempts: 1, counted: 'failure' },
};
