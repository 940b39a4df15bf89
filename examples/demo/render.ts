import type { Frame, Row } from './frame';
import type { Progress } from './job';
import { entryLine } from './journal';
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

const HEADINGS = {
  operation: 'operation', state: 'state', calls: 'calls', failures: 'failures', rejected: 'rejected',
  nextProbe: 'next probe', lastFailure: 'last failure',
} as const;

const STATE_COLUMN = 24;
const NARROW = 78;
const WIDE = 100;
const BAR = 30;

/** A picture of the moment, as lines that fit the terminal: a pure function, the terminal is somebody else's. */
export function render(frame: Frame, { width, height, colours }: Look): string[] {
  const top: Line[] = [
    heading(frame, width),
    [],
    [{ text: fit(columns(HEADINGS), width), colour: 'dim' }],
    ...frame.rows.map((row) => rowLine(row, width)),
    [],
    ...progressLines(frame.progress),
    [],
    [{ text: 'last events', colour: 'dim' }],
  ];
  const room = Math.max(0, height - top.length);
  const events = room === 0 ? [] : frame.entries.slice(-room).map(entryLine);
  return [...top, ...events].slice(0, height).map((line) => paint(line, width, colours));
}

function heading({ source, elapsedMs }: Frame, width: number): Line {
  const title = `breaker-box demo: downloads from ${source}  `;
  return [{ text: title, colour: 'bold' }, { text: seconds(elapsedMs).padStart(Math.min(width, NARROW) - title.length) }];
}

function rowLine(row: Row, width: number): Line {
  const { word, colour } = STATES[row.state];
  const line = fit(columns({ ...row, state: word, nextProbe: nextProbe(row) }), width);
  const from = STATE_COLUMN;
  const to = from + word.length;
  return [{ text: line.slice(0, from) }, { text: line.slice(from, to), colour }, { text: line.slice(to) }];
}

function nextProbe({ state, retryAfterMs }: Row): string {
  if (state === 'closed') return '';
  return state === 'open' ? `in ${seconds(retryAfterMs)}` : 'now';
}

function columns(cells: Readonly<Record<keyof typeof HEADINGS, string | number>>): string {
  const { operation, state, calls, failures, rejected, nextProbe, lastFailure } = cells;
  const names = `${operation}`.padEnd(STATE_COLUMN) + `${state}`.padEnd(10);
  const counts = `${calls}`.padStart(8) + `${failures}`.padStart(10) + `${rejected}`.padStart(10);
  return `${names}${counts}${`${nextProbe}`.padStart(NARROW - 62)}    ${lastFailure}`;
}

/** The last failure is shown where there is room for the beginning of it, not for its first letter. */
const fit = (line: string, width: number): string => (width < WIDE ? line.slice(0, NARROW) : line).trimEnd();

function progressLines({ total, found, downloaded, thumbnails, bytes }: Progress): Line[] {
  return [
    [{ text: `found       ${bar(found, total)}` }],
    [{ text: `downloaded  ${bar(downloaded, total)}   ${megabytes(bytes)}` }],
    [{ text: `thumbnails  ${bar(thumbnails, total)}` }],
  ];
}

function bar(done: number, total: number): string {
  const full = Math.round((BAR * done) / total);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${String(done).padStart(4)} of ${total}`;
}
