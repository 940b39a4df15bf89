import type { Args } from './call';
import { when } from './check';
import { askAll } from './outcome';
import type { ArgsOf } from './signature';

/** Whether a function may be carried out more than once for one call: always, never, or judged by the call's arguments. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Idempotent<F = any> = boolean | ((...args: ArgsOf<F>) => boolean);

export const idempotence = () =>
  when<Idempotent>(
    (input) => typeof input === 'boolean' || typeof input === 'function',
    __DEV__ && 'must be true, false, or a function (...args) => boolean',
  );

/** Whether a call with these arguments may be carried out twice: it may unless that was denied. A predicate that throws denies it. */
export function mayRepeat(idempotent: Idempotent | undefined, args: Args): boolean {
  if (typeof idempotent !== 'function') return idempotent !== false;
  return askAll(idempotent as (...args: unknown[]) => boolean, 'idempotent', [...args], false);
}
