import type { Row } from './frame';
import type { Progress } from './job';
import { Table } from './table';
import { megabytes, seconds } from './text';

/** What the run comes to: the calls made and the calls spared, operation by operation. `width` is the terminal's. */
export function summary(rows: readonly Row[], progress: Readonly<Progress>, elapsedMs: number, width: number): string[] {
  const { total, downloaded, thumbnails, bytes } = progress;
  return [
    `${downloaded} of ${total} files and ${thumbnails} thumbnails, ${megabytes(bytes)}, in ${seconds(elapsedMs)}`,
    '',
    TABLE.headings(width),
    ...rows.map((row) => TABLE.row(row, width)),
    TABLE.row({ operation: 'all', ...sums(rows) }, width),
  ];
}

const TABLE = new Table(
  {
    operation: { heading: 'operation', width: 24, align: 'left' },
    calls: { heading: 'calls made', width: 14 },
    failures: { heading: 'failed', width: 10 },
    opens: { heading: 'opened', width: 10 },
    rejected: { heading: 'calls spared', width: 16 },
  },
  ['opens', 'failures', 'calls', 'rejected'],
);

function sums(rows: readonly Row[]): Pick<Row, 'calls' | 'failures' | 'opens' | 'rejected'> {
  const sum = (count: 'calls' | 'failures' | 'opens' | 'rejected'): number => rows.reduce((all, row) => all + row[count], 0);
  return { calls: sum('calls'), failures: sum('failures'), opens: sum('opens'), rejected: sum('rejected') };
}
