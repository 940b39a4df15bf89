import fc from 'fast-check';
import { decode, encode, NO_RECORD, nextRevision, revisionMicros, type Record } from '../../lib/fleet/record';

const deadline = { at: 1_700_000_000_000, given: 5000 };

const full: Record = {
  epoch: 1_700_000_000_000_000,
  state: 'half_open',
  openUntil: deadline,
  reopenings: 3,
  succeeded: ['s1'],
  quarantineUntil: deadline,
  override: { kind: 'disabled', until: { at: 1e15, given: 1e15 }, reason: 'deploy' },
  closedBy: 'reset',
  server: 'a1b2',
  votes: [{ ...deadline, process: '__proto__', error: '😀 "down"' }],
  leases: [{ ...deadline, slot: 's2', idle: true }],
  wanted: true,
  counts: { since: 5, streak: 2, buckets: [{ at: 1, calls: 2, failures: 1, slow: 0 }], decision: deadline },
  title: 'pay (7)',
};

/** Every place of a value, as the names that lead there. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => placesOf(part, [...path, name]))];
}

function withAt(path: readonly string[], part: unknown): unknown {
  const copy = JSON.parse(JSON.stringify({ root: full })) as never;
  const last = ['root', ...path].at(-1)!;
  const parent = ['root', ...path].slice(0, -1).reduce<{ [name: string]: never }>((at, name) => at[name]!, copy);
  (parent as { [name: string]: unknown })[last] = part;
  return (copy as { root: unknown }).root;
}

describe('the text of a record', () => {
  it.each([['without anything', NO_RECORD], ['with everything', full]])('is read as the record that was written, %s', (_what, record) => {
    expect(decode(encode(record))).toEqual(record);
  });

  it('is not read with a part that is something else', () => {
    const places = placesOf(full).filter((path) => path.length > 0);
    expect(places.length).toBeGreaterThan(30);
    for (const path of places) {
      for (const wrong of [null, -1, {}, ['x'], 'nonsense', 1.5e300]) {
        const given = path.reduce<unknown>((at, name) => (at as { [name: string]: unknown })[name], full);
        // A text may be another one, and so may the slots that succeeded.
        const isFree = (typeof given === 'string' && wrong === 'nonsense' && !['state', 'kind', 'closedBy'].includes(path.at(-1)!)) || (path[0] === 'succeeded' && Array.isArray(wrong));
        if (!isFree) expect([path, wrong, decode(JSON.stringify(withAt(path, wrong)))]).toEqual([path, wrong, undefined]);
      }
    }
  });

  it.each(['', 'null', '[]', '"closed"', '{', '{}', '[' .repeat(5_000_000), '{"epoch":1e999}'])('is not read from something else: %#', (text) => {
    expect(decode(text)).toBeUndefined();
  });

  it('is not read from any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => decode(text) === undefined));
  });
});

describe('a revision', () => {
  it('is later than the one before, whatever the clock says, and tells its time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 52 }), { minLength: 2 }), (times) => {
        let revision = '';
        for (const micros of times) {
          const next = nextRevision(revision, micros, 'w');
          expect(revisionMicros(next)).toBeGreaterThan(revisionMicros(revision));
          expect(revisionMicros(next)).toBeGreaterThanOrEqual(micros);
          revision = next;
        }
      }),
    );
  });

  it('is another one in each process', () => {
    expect(nextRevision('', 5, 'a')).not.toBe(nextRevision('', 5, 'b'));
  });

  it.each(['', 'x', '5', '-5.w', '.w', 'zzzzzzzzzzzz.w', 'zzzzzzzzzzz.w', '1 2.w'])('that is none tells no time: %p', (text) => {
    expect(revisionMicros(text)).toBe(0);
  });
});
