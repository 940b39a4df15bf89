import type { Row } from './frame';
import type { Progress } from './job';
import { megabytes, seconds } from './text';

/** What the run comes to: the calls made and the calls spared, operation by operation. */
export function summary(rows: readonly Row[], progress: Readonly<Progress>, elapsedMs: number): string[] {
  const { total, downloaded, thumbnails, bytes } = progress;
  return [
    `${downloaded} of ${total} files and ${thumbnails} thumbnails, ${megabytes(bytes)}, in ${seconds(elapsedMs)}`,
    '',
    cells('operation', ['calls made', 'failed', 'opened', 'calls spared']),
    ...rows.map((row) => cells(row.operation, COUNTS.map((count) => row[count]))),
    cells('all', COUNTS.map((count) => rows.reduce((sum, row) => sum + row[count], 0))),
  ];
}

const COUNTS = ['calls', 'failures', 'opens', 'rejected'] as const;
const WIDTHS = [14, 10, 10, 16] as const;

function cells(operation: string, numbers: readonly (string | number)[]): string {
  return operation.padEnd(24) + numbers.map((n, column) => String(n).padStart(WIDTHS[column] ?? 0)).join('');
}
