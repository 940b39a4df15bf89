import { mostAtOnce } from './expectations';
import type { FleetReport } from './forked-fleet';

const rows: Record<string, string | number>[] = [];

/** What one fault did to the calls of a fleet, for people. */
export function summarize(fault: string, { log, before, after }: FleetReport): void {
  const calls = after.flatMap((report) => report.calls);
  const count = (...outcomes: string[]): number => calls.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const addedMs = calls.filter(({ hasWaited }) => !hasWaited).map((call) => call.addedMs).sort((a, b) => a - b);
  const quantile = (q: number): string => (addedMs[Math.min(addedMs.length - 1, Math.floor(q * addedMs.length))] ?? 0).toFixed(2);
  const asking = calls.filter(({ hasWaited }) => hasWaited);
  const probes = log.filter(({ passage }) => passage === 'probe');
  rows.push({
    fault,
    served: count('served'),
    failed: count('failed'),
    rejected: count('rejected'),
    'p50 ms': quantile(0.5),
    'p99 ms': quantile(0.99),
    'max ms': quantile(1),
    asking: asking.length,
    'max ms asking': Math.max(0, ...asking.map((call) => call.addedMs)).toFixed(1),
    probes: probes.length,
    'at once': mostAtOnce(probes),
    'own probes': log.filter(({ passage }) => passage === 'own probe').length,
    commands: sum(after.map(({ commands }) => commands)),
    'heap +kB': Math.round(Math.max(...after.map(({ heap }, n) => heap - before[n]!.heap)) / 1024),
  });
}

export function printSummary(): void {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, n) => Math.max(...lines.map((line) => line[n]!.length)));
  const text = lines.map((line) => line.map((cell, n) => cell.padStart(widths[n]!)).join('  ')).join('\n');
  process.stdout.write(`Calls of four processes; what the wrapper added, without those that ask for a probe slot:\n${text}\n`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
