/** Every order of some things. */
export function permutations<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]];
  return things.flatMap((first, index) => permutations(things.filter((_, other) => other !== index)).map((rest) => [first, ...rest]));
}
