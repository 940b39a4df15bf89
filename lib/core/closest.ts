/** The candidate most like `word`, when one is like enough to have been meant; none in a production build. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (!__DEV__) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? candidates.find((candidate) => candidate.length >= SHORTEST_PART && word.toLowerCase().includes(candidate.toLowerCase()));
}

/** `circuitBreaker` means `breaker`; but a few letters are in many words. */
const SHORTEST_PART = 4;

/** What to say about a name that does not exist. `names` is what they are called together. */
export function unknownName(given: string, known: readonly string[], names: string): string {
  const meant = closest(given, known);
  return meant === undefined ? `the ${names} are ${known.join(', ')}` : `did you mean ${meant}?`;
}

/** Levenshtein's distance, by rows. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
