import { basename, dirname } from 'node:path';

/** What takes longer is asked last, as properties are that try hundreds of random cases: in its time all the others can be asked. */
const SLOW_MS = 500;

/**
 * Spec files in the order in which they should be asked whether they notice a change of `source`: those of its own folder, then the quick ones;
 * the slow ones last, whatever their folder.
 */
export function nearestFirst(specFiles: readonly string[], source: string, msOf: (spec: string) => number): string[] {
  const isSlow = (spec: string): number => Number(msOf(spec) > SLOW_MS);
  return [...specFiles].sort((a, b) => isSlow(a) - isSlow(b) || distance(a, source) - distance(b, source) || msOf(a) - msOf(b));
}

/** Whether a spec file is in the folder of `source`, or beneath it. */
export function isNear(spec: string, source: string): boolean {
  return distance(spec, source) <= 0;
}

function distance(spec: string, source: string): number {
  const folders = dirname(spec).split('/').slice(1);
  const target = dirname(source).split('/').slice(1);
  const shared = target.findIndex((folder, depth) => folders[depth] !== folder);
  const common = shared === -1 ? target.length : shared;
  const namesake = basename(spec).startsWith(basename(source, '.ts')) ? 0.5 : 0;
  return target.length - common - namesake;
}
