import fc from 'fast-check';
import { decodeHeartbeat, encodeHeartbeat, participantsOf, type Apart, type Heartbeat } from '../../lib/fleet/heartbeat';
import { runs } from '../support/runs';

const heartbeat = (given: Partial<Heartbeat> = {}): Heartbeat => ({ takesPart: [], operations: new Map(), apart: new Map(), ...given });

describe('the heartbeat of a process', () => {
  it('tells in which quorums it takes part', () => {
    const names = Array.from({ length: 1000 }, (_, n) => `orders.load/${n}`);
    const text = encodeHeartbeat(heartbeat({ takesPart: names }));
    const { takesPartIn } = decodeHeartbeat(text)!;
    expect(names.filter((name) => !takesPartIn(name))).toEqual([]);
    expect(Array.from({ length: 1000 }, (_, n) => `other/${n}`).filter(takesPartIn).length).toBeLessThan(20);
    expect(text.length).toBeLessThan(3100);
  });

  it('is counted by who votes', () => {
    const texts = [['a', 'b'], ['b'], []].map((takesPart) => encodeHeartbeat(heartbeat({ takesPart })));
    expect(['a', 'b', 'c'].map((name) => participantsOf(name, texts))).toEqual([1, 2, 0]);
    expect(participantsOf('a', ['nonsense', ''])).toBe(0);
  });

  it('tells its operations, their settings, and what it has otherwise than the fleet', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.constantFrom('one', 'two'), fc.boolean()), { maxLength: 50 }),
        fc.array(fc.tuple(fc.string({ maxLength: 20 }), fc.constantFrom<Apart>('open', 'half_open', 'forced_open', 'disabled', 'shadow')), { maxLength: 20 }),
        (given, apart) => {
          const operations = new Map(given.map(([name, settings, isKeyed]) => [name, { settings, isKeyed }]));
          const read = decodeHeartbeat(encodeHeartbeat(heartbeat({ operations, apart: new Map(apart) })))!;
          expect([...read.operations]).toEqual([...operations]);
          expect([...read.apart]).toEqual([...new Map(apart)]);
        },
      ),
      { numRuns: runs(100) },
    );
  });

  it('stays small, whatever a process shares', () => {
    const operations = new Map(Array.from({ length: 5000 }, (_, n) => [`operation ${n}`, { settings: '{}', isKeyed: false }]));
    const apart = new Map(Array.from({ length: 5000 }, (_, n) => [`operation ${n}`, 'open' as const]));
    const text = encodeHeartbeat(heartbeat({ operations, apart }));
    expect(text.length).toBeLessThan(8000);
    expect(decodeHeartbeat(text)!.operations.size).toBe(200);
  });

  it.each(['', 'abc', ' {}', ' {"s":[],"o":[1],"a":[]}', ' {"s":[],"o":[],"a":[["x","gone"]]}', ` ${'['.repeat(1000)}`])('that cannot be read is none: %j', (text) => {
    expect(decodeHeartbeat(text)).toBeUndefined();
  });
});
