import { formatDuration } from '../core/options';
import { groupBy, type BreakerStatus } from './breaker-status';
import { printable, shortened, table, type Column } from './table';

/** Of a reason in the table, and of an error below it; JSON has all of it. */
const REASON_COLUMNS = 40;
const ERROR_COLUMNS = 100;
/** As many processes are named. */
const MOST_NAMED = 5;

const COLUMNS: readonly Column<BreakerStatus>[] = [
  { heading: 'OPERATION', cell: nameOf },
  { heading: 'STATE', cell: stateOf },
  { heading: 'VOTES', cell: ({ votes }) => String(votes.length), expendable: 2 },
  { heading: 'PROCESSES', cell: ({ processes }) => String(processes), expendable: 1 },
  { heading: 'NEXT PROBE', cell: nextProbe, expendable: 3 },
  { heading: 'OVERRIDE', cell: overrideOf, expendable: 4 },
];

/** A table of breakers, those first that something is the matter with; what is to be known of single ones; and what there is in all. */
export function statusText(statuses: readonly BreakerStatus[], width: number): string {
  const rows = sorted(statuses);
  const notes = rows.flatMap(notesOf);
  return [...table(rows, COLUMNS, width), '', ...notes, ...(notes.length > 0 ? [''] : []), summary(statuses)].join('\n');
}

export function sorted(statuses: readonly BreakerStatus[]): BreakerStatus[] {
  return [...statuses].sort((a, b) => urgency(b) - urgency(a) || order(a.operation, b.operation) || order(a.key ?? '', b.key ?? ''));
}

/** Whether calls are rejected by it, in the fleet. */
export function isOpen({ state, override }: BreakerStatus): boolean {
  return override === undefined ? state !== 'closed' : override.kind === 'forced_open';
}

/** An operation, and the key of a keyed one, as a line can show them. */
export function nameOf({ operation, key }: { readonly operation: string; readonly key?: string | undefined }): string {
  return key === undefined ? printable(operation) : `${printable(operation)} [${printable(key)}]`;
}

/** The first few of many. */
export function someOf(processes: readonly string[]): string {
  const named = processes.slice(0, MOST_NAMED).map(printable).join(', ');
  return processes.length > MOST_NAMED ? `${named} and ${processes.length - MOST_NAMED} more` : named;
}

function notesOf(status: BreakerStatus): string[] {
  const { votes, state, apart, settings, unreadable } = status;
  const about = (what: string): string => `${nameOf(status)}: ${what}`;
  const voters = votes.map(({ process, error }) => printable(process) + (error === undefined ? '' : ` (${shortened(printable(error), ERROR_COLUMNS)})`));
  const groups = groupBy(apart, ({ as }) => as);
  return [
    ...(unreadable === true ? [about('its record cannot be read: of another version, or not written by breaker-box')] : []),
    ...(voters.length === 0 ? [] : [about(`${state === 'closed' ? 'voted for' : 'opened'} by ${voters.slice(0, MOST_NAMED).join(', ')}${voters.length > MOST_NAMED ? ' …' : ''}`)]),
    ...Array.from(groups, ([as, those]) => about(`${as.replace('_', ' ')} in ${someOf(those.map(({ process }) => process))}, otherwise than in the fleet`)),
    ...(settings ?? []).map((one) => about(`set to ${printable(one.settings)} in ${someOf(one.processes)}`)),
  ];
}

/** The state that calls meet: an override counts. */
function stateOf({ state, override, unreadable }: BreakerStatus): string {
  if (unreadable === true) return 'unreadable';
  const words = state.replace('_', ' ');
  if (override === undefined) return words;
  return override.kind === 'shadow' ? `shadow, ${words}` : override.kind.replace('_', ' ');
}

function urgency(status: BreakerStatus): number {
  if (isOpen(status)) return status.state === 'half_open' ? 3 : 4;
  if (status.votes.length + status.apart.length > 0) return 2;
  return status.override === undefined && status.unreadable === undefined ? 0 : 1;
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
    ['open', ({ state }: BreakerStatus) => state === 'open'],
    ['half open', ({ state }: BreakerStatus) => state === 'half_open'],
    ['with an override', ({ override }: BreakerStatus) => override !== undefined],
    ['otherwise in some processes', ({ apart }: BreakerStatus) => apart.length > 0],
    ['with processes of different settings', ({ settings }: BreakerStatus) => settings !== undefined],
  ] as const;
  const some = counts.map(([what, is]) => [statuses.filter(is).length, what] as const).filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return `${statuses.length} ${statuses.length === 1 ? 'breaker' : 'breakers'}: ${some.length === 0 ? 'all closed' : some.join(', ')}`;
}
