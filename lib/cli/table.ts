import { columnsOf, padded, shortened } from './text';

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Which columns go first where there is no room; absent: it stays. */
  readonly expendable?: number;
}

const GAP = 2;

/** The least that is left of the first column before others go, and the most that it ever has. */
const LEAST_FIRST = 24;
const MOST_FIRST = 100;

/** A table within the width of a terminal: there it has fewer columns, and a first one that is cut, rather than lines that wrap. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string[] {
  const drawn = columns.map((column) => {
    const cells = [column.heading, ...rows.map(column.cell)];
    return { ...column, cells, columns: Math.max(...cells.map(columnsOf)) };
  });
  const shown = fitting(drawn, width);
  const [first] = shown;
  if (first === undefined) return [];
  const room = Math.max(1, width - sumOf(shown.slice(1)));
  const firstColumns = Math.min(first.columns, room, MOST_FIRST);
  return first.cells.map((name, line) => {
    const rest = shown.slice(1).map(({ cells, columns: wide }) => padded(cells[line] ?? '', wide));
    return [padded(shortened(name, firstColumns), firstColumns), ...rest].join(' '.repeat(GAP)).trimEnd();
  });
}

interface Drawn {
  readonly columns: number;
  readonly expendable?: number | undefined;
}

function fitting<C extends Drawn>(drawn: readonly C[], width: number): readonly C[] {
  const least = Math.min(drawn[0]?.columns ?? 0, LEAST_FIRST);
  let shown = drawn;
  while (least + sumOf(shown.slice(1)) > width) {
    const order = shown.flatMap(({ expendable }) => expendable ?? []);
    if (order.length === 0) break;
    const next = Math.min(...order);
    shown = shown.filter(({ expendable }) => expendable !== next);
  }
  return shown;
}

function sumOf(drawn: readonly Drawn[]): number {
  return drawn.reduce((sum, { columns }) => sum + columns + GAP, 0);
}
