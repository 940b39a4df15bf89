import { table } from './table';
import type { Verdict } from './targets';

export function verdictTable(verdicts: readonly Verdict[]): string {
  return table(
    ['Target', 'At most', 'Moonshot', 'Measured', 'Met'],
    verdicts.map(({ target, limit, moonshot = '', measured, met }) => [target, limit, moonshot, measured, met ? 'yes' : 'no']),
  );
}
