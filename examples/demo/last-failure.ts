import type { Breaker, Counter } from 'breaker-box';
import { reasonOf } from '../support/http';

/** Without the operation's name, which stands beside it on the screen. */
export function lastFailureOf({ name, stats: { lastError } }: Breaker | Counter): string {
  return lastError === undefined ? '' : reasonOf(lastError).replace(`${name} `, '');
}
