import { propertyOf } from '../../core/thrown';
import { verdictsOf, type Verdict } from './verdict';

/**
 * Primary result codes of SQLite; all others are faults of the file, the disk or the memory.
 *
 * @see https://www.sqlite.org/rescode.html
 */
const NAMES = verdictsOf({
  contended: ['BUSY', 'LOCKED'],
  late: ['INTERRUPT'],
  answer: ['ERROR', 'READONLY', 'SCHEMA', 'TOOBIG', 'CONSTRAINT', 'MISMATCH', 'MISUSE', 'AUTH', 'RANGE'],
});

/** The same as numbers, as `node:sqlite` has them. */
const NUMBERS = verdictsOf({ contended: [5, 6], late: [9], answer: [1, 8, 17, 18, 19, 20, 21, 23, 25] });

/** better-sqlite3, sqlite3, libSQL; and `node:sqlite`, which has a number. Extended codes begin with the primary one, or have it in their low byte. */
export function sqliteVerdict(error: object): Verdict | undefined {
  const code = propertyOf(error, 'code');
  if (code === 'ERR_SQLITE_ERROR') return NUMBERS.get(Number(propertyOf(error, 'errcode')) & 0xff) ?? 'unwell';
  const name = typeof code === 'string' ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined;
  return name === undefined ? undefined : (NAMES.get(name) ?? 'unwell');
}
