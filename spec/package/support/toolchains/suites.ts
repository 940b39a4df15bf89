import { join } from 'node:path';
import { root } from '../../../../scripts/support/process';
import type { Toolchain } from './toolchain';

/** The folders of everything that holds decorators: what a toolchain has to compile. */
export const suitesFolder = join(root, 'spec/protect/decorators/shared');
export const fixturesFolder = join(root, 'spec/support/decorator-fixtures');

type Abilities = Pick<Toolchain, 'standard' | 'nativeStreams' | 'unsupported'>;

/** The behaviour that decorators must have, whatever emitted them: files of `spec/protect/decorators/shared`. */
export function suitesFor({ standard, nativeStreams, unsupported = [] }: Abilities): string[] {
  const suites = [
    ...['members', 'computed-names', 'forwarding', 'inheritance', 'names', 'bare', 'scope', 'stacking', 'foreign-decorators'],
    ...['receivers', 'metadata', 'chaos', 'misuse'],
    ...(nativeStreams ? ['streams', 'fallback'] : []),
    ...(standard === 'legacy' ? ['misuse.legacy', 'parameters.legacy'] : ['misuse-tc39', 'fields', 'field-receivers']),
    ...(standard === 'TC39' && nativeStreams ? ['field-streams'] : []),
  ];
  return suites.filter((suite) => !unsupported.includes(suite));
}
