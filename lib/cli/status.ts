import { formatDuration } from '../core/options';
import type { BreakerStatus } from './fleet-record';
import { table, type Column } from './table';
import { printable, shortened } from './text';

/** Of a reason in the table; JSON has all of it. */
const REASON_COLUMNS = 40;

const COLUMNS: readonly Column<BreakerStatus>[] = [
  { heading: 'OPERATION', cell: nameOf },
  { heading: 'STATE', cell: stateOf },
  { heading: 'VOTES', cell: ({ votes }) => String(votes), expendable: 3 },
  { heading: 'PROCESSES', cell: ({ processes }) => String(processes), expendable: 2 },
  { heading: 'NEXT PROBE', cell: nextProbe, expendable: 4 },
  { heading: 'FORGOTTEN IN', cell: ({ forgottenIn }) => lasting(forgottenIn), expendable: 1 },
  { heading: 'OVERRIDE', cell: overrideOf, expendable: 5 },
];

/** A table of breakers, those first that something is the matter with, and what there is in all. */
export function statusTable(statuses: readonly BreakerStatus[], width: number): string {
  return [...table(sorted(statuses), COLUMNS, width), '', summary(statuses)].join('\n');
}

export function sorted(statuses: readonly BreakerStatus[]): BreakerStatus[] {
  return [...statuses].sort((a, b) => urgency(b) - urgency(a) || order(a.operation, b.operation) || order(a.key ?? '', b.key ?? ''));
}

/** An operation, and the key of a keyed one, as a line can show them. */
export function nameOf({ operation, key }: { readonly operation: string; readonly key?: string | undefined }): string {
  return key === undefined ? printable(operation) : `${printable(operation)} [${printable(key)}]`;
}

/** What calls meet: what an operator has laid over it counts. */
function stateOf({ state, override }: BreakerStatus): string {
  const words = state.replace('_', ' ');
  if (override === undefined) return words;
  return override.kind === 'shadow' ? `shadow, ${words}` : override.kind.replace('_', ' ');
}

function urgency({ state, override }: BreakerStatus): number {
  if (state === 'open' || override?.kind === 'forced_open') return 3;
  if (state === 'half_open') return 2;
  return override === undefined ? 0 : 1;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nextProbe({ nextProbe: leftMs, state, probes }: BreakerStatus): string {
  if (state === 'closed') return '-';
  if (probes.running > 0) return `${probes.running} running`;
  return leftMs === 0 ? 'due' : lasting(leftMs);
}

function overrideOf({ override }: BreakerStatus): string {
  if (override === undefined) return '-';
  const { kind, remaining, reason = '' } = override;
  const lasts = remaining === null ? '' : `, ${lasting(remaining)} left`;
  return `${kind.replace('_', ' ')}${lasts}${reason === '' ? '' : `: ${shortened(printable(reason), REASON_COLUMNS)}`}`;
}

function lasting(ms: number | null): string {
  return ms === null ? 'never' : formatDuration(ms);
}

function summary(statuses: readonly BreakerStatus[]): string {
  const counts = [
    [statuses.filter(({ state }) => state === 'open').length, 'open'],
    [statuses.filter(({ state }) => state === 'half_open').length, 'half open'],
    [statuses.filter(({ override }) => override !== undefined).length, 'with an override'],
    [statuses.filter(({ settings }) => settings !== undefined).length, 'with processes of different settings'],
  ] as const;
  const some = counts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${statuses.length} ${statuses.length === 1 ? 'breaker' : 'breakers'}: ${some.length === 0 ? 'all closed' : some.join(', ')}`;
}
