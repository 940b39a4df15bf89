import { seededRandom } from '../../lib/core/random';

it('seeded chance is the same for the same seed, and spread over [0, 1)', () => {
  const [one, same, other] = [seededRandom(7), seededRandom(7), seededRandom(8)];
  const draw = (random: () => number) => Array.from({ length: 1000 }, random);
  const numbers = draw(one);
  expect(draw(same)).toEqual(numbers);
  expect(draw(other)).not.toEqual(numbers);
  expect(numbers.slice(0, 3).map((n) => n.toFixed(6))).toEqual(['0.011705', '0.061958', '0.976908']); // as mulberry32 gives them for 7
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});
