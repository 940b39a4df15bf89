import type { Frame, Row } from './frame';
import type { Progress } from './job';
import { entryLine } from './journal';
import { Table } from './table';
import { type Colour, type Line, megabytes, paint, seconds } from './text';

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly colours: boolean;
}

const STATES: Readonly<Record<Row['state'], { readonly word: string; readonly colour: Colour }>> = {
  closed: { word: 'closed', colour: 'green' },
  open: { word: 'OPEN', colour: 'red' },
  half_open: { word: 'half open', colour: 'yellow' },
};

const STATE_COLUMN = 24;

const GAP = ' '.repeat(4);

const TABLE = new Table(
  {
    operation: { heading: 'operation', width: STATE_COLUMN, align: 'left' },
    state: { heading: 'state', width: 10, align: 'left' },
    calls: { heading: 'calls', width: 8 },
    failures: { heading: 'failures', width: 10 },
    rejected: { heading: 'rejected', width: 10 },
    nextProbe: { heading: 'next probe', width: 16 },
    // Where there is room for the beginning of it, not for its first letter.
    lastFailure: { heading: `${GAP}last failure`, width: 22, align: 'left' },
  },
  ['lastFailure', 'failures', 'calls', 'nextProbe', 'rejected', 'state'],
);

const WIDTH = 78;
const BAR = { longest: 30, shortest: 4, beside: 38 } as const;

/** A picture of the moment, as lines that fit the terminal: a pure function, the terminal is somebody else's. */
export function render(frame: Frame, { width, height, colours }: Look): string[] {
  const top: Line[] = [
    heading(frame, width),
    [],
    [{ text: TABLE.headings(width), colour: 'dim' }],
    ...frame.rows.map((row) => rowLine(row, width)),
    [],
    ...progressLines(frame.progress, width),
    [],
    [{ text: 'last events', colour: 'dim' }],
  ];
  const room = Math.max(0, height - top.length);
  const events = room === 0 ? [] : frame.entries.slice(-room).map(entryLine);
  return [...top, ...events].slice(0, height).map((line) => paint(line, width, colours));
}

function heading({ source, elapsedMs }: Frame, width: number): Line {
  const elapsed = seconds(elapsedMs);
  const room = Math.min(width, WIDTH) - elapsed.length;
  const title = [`breaker-box demo: downloads from ${source}  `, 'breaker-box demo  '].find((one) => one.length <= room) ?? '';
  return [{ text: title, colour: 'bold' }, { text: elapsed.padStart(Math.min(width, WIDTH) - title.length) }];
}

function rowLine(row: Row, width: number): Line {
  const { word, colour } = STATES[row.state];
  const line = TABLE.row({ ...row, state: word, nextProbe: nextProbe(row), lastFailure: GAP + row.lastFailure }, width);
  const from = STATE_COLUMN;
  const to = from + word.length;
  return [{ text: line.slice(0, from) }, { text: line.slice(from, to), colour }, { text: line.slice(to) }];
}

function nextProbe({ state, retryAfterMs }: Row): string {
  if (state === 'closed') return '';
  return state === 'open' ? `in ${seconds(retryAfterMs)}` : 'now';
}

function progressLines({ total, found, downloaded, thumbnails, bytes }: Progress, width: number): Line[] {
  const length = Math.max(BAR.shortest, Math.min(BAR.longest, width - BAR.beside));
  return [
    [{ text: `found       ${bar(found, total, length)}` }],
    [{ text: `downloaded  ${bar(downloaded, total, length)}   ${megabytes(bytes)}` }],
    [{ text: `thumbnails  ${bar(thumbnails, total, length)}` }],
  ];
}

function bar(done: number, total: number, length: number): string {
  const full = Math.round((length * done) / total);
  return `[${'#'.repeat(full)}${'.'.repeat(length - full)}] ${String(done).padStart(4)} of ${total}`;
}
