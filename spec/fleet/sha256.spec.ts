import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { sha256 } from '../../lib/fleet/sha256';
import { runs } from '../support/runs';

const byNode = (text: string): string => createHash('sha256').update(text).digest('hex');

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])('is the hash that node:crypto makes of %d characters', (length) => {
  expect(sha256('a'.repeat(length))).toBe(byNode('a'.repeat(length)));
});

it('is the hash that node:crypto makes of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(sha256(text)).toBe(byNode(text));
    }),
    { numRuns: runs(1000) },
  );
});
