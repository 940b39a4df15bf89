import { table } from './table';
import type { Verdict } from './targets';

export function verdictTable(verdicts: readonly Verdict[]): string {
  return table(
    ['Target', 'At most', 'Measured', 'Met'],
    verdicts.map(({ target, limit, measured, met }) => [target, limit, measured, met ? 'yes' : 'no']),
  );
}
