/**
 * What an error says about the database and the work:
 *
 * - `answer`: the database answered, and would answer the same again: a violated constraint, a syntax error, a wrong password.
 * - `mistake`: the client refused what it was given, before any database heard of it.
 * - `contended`: the work was undone because of other work; another attempt may succeed, and the database is well.
 * - `refused`: nothing was done, because there was no connection or the server took no work on.
 * - `lost`: the connection ended before the answer came; nobody knows what was done.
 * - `late`: the answer did not come in time, or the server gave the statement up.
 * - `unwell`: the database has a fault that does not pass in a moment, such as a full disk. Also what nobody knows.
 */
export type Verdict = 'answer' | 'mistake' | 'contended' | 'refused' | 'lost' | 'late' | 'unwell';

/** A table of verdicts, written the other way round: which keys have one. */
export function verdictsOf<Key>(table: Partial<Record<Verdict, readonly Key[]>>): ReadonlyMap<Key, Verdict> {
  const verdicts = Object.keys(table) as Verdict[];
  return new Map(verdicts.flatMap((verdict) => (table[verdict] ?? []).map((key): [Key, Verdict] => [key, verdict])));
}
