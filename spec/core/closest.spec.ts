import fc from 'fast-check';
import { closest } from '../../lib/core/unknown-option';

const OPTIONS = ['failureThreshold', 'recoveryTimeout', 'halfOpen', 'window', 'name', 'key', 'maxKeys'];

describe('closest', () => {
  it.each([
    ['failureTreshold', 'failureThreshold'],
    ['FAILURETHRESHOLD', 'failureThreshold'],
    ['threshold', undefined],
    ['recoveryTimeOut', 'recoveryTimeout'],
    ['halfopen', 'halfOpen'],
    ['windows', 'window'],
    ['keys', 'key'],
    ['completelyDifferent', undefined],
    ['xyzzyx', undefined],
  ])('%s: %s', (word, expected) => {
    expect(closest(word, OPTIONS)).toBe(expected);
  });

  it('is the word itself when it is there, whatever else is like it', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), (words, pick) => {
        const word = words[pick % words.length]!;
        expect(closest(word, words)?.toLowerCase()).toBe(word.toLowerCase());
      }),
    );
  });

  it('finds a word with one letter missing, doubled or changed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...OPTIONS.slice(0, 4)), fc.nat(), fc.constantFrom('drop', 'double', 'change'), (word, pick, typo) => {
        const at = pick % word.length;
        const letter = typo === 'drop' ? '' : typo === 'double' ? word[at]! + word[at]! : '_';
        expect(closest(word.slice(0, at) + letter + word.slice(at + 1), OPTIONS)).toBe(word);
      }),
    );
  });

  it('is nothing among nothing', () => {
    expect(closest('name', [])).toBeUndefined();
  });
});
