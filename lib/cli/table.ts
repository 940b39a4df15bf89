/** Controls, halves of surrogate pairs and what is invisible, but for what joins emoji. */
const UNPRINTABLE = /(?!(?<=\p{Extended_Pictographic}\ufe0f?)\u200d\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A text as a terminal may be given it: what would move the cursor, or show as nothing, is told by its code. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

const WIDE = /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Script=Han}/u;

const graphemes = new Intl.Segmenter();

const widthOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  return Array.from(graphemes.segment(text), ({ segment }) => widthOf(segment)).reduce((sum, columns) => sum + columns, 0);
}

/** The beginning and the end of a text that is too long: names that are alike differ at either. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const parts = Array.from(graphemes.segment(text), ({ segment }) => segment);
  let [start, end, room] = ['', '', columns - 1];
  for (let isStart = true; ; isStart = !isStart) {
    const part = (isStart ? parts.shift() : parts.pop()) ?? '';
    room -= widthOf(part);
    if (room < 0) return `${start}…${end}`;
    if (isStart) start += part;
    else end = part + end;
  }
}

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Which columns go first where there is no room; absent: it stays. */
  readonly expendable?: number;
}

const GAP = '  ';

/** The least that is left of the first column before others go, and the most that it ever has. */
const LEAST_FIRST = 24;
const MOST_FIRST = 100;

/** A table within the width of a terminal: there it has fewer columns, and a first one that is cut, rather than lines that wrap. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width: number): string[] {
  const [first, ...others] = columns.map(({ heading, cell, expendable = Infinity }) => {
    const cells = [heading, ...rows.map(cell)];
    return { expendable, cells, columns: Math.max(...cells.map(columnsOf)) };
  });
  if (first === undefined) return [];
  let rest = others;
  const room = (): number => rest.reduce((left, one) => left - GAP.length - one.columns, width);
  for (const { expendable } of [...others].sort((a, b) => a.expendable - b.expendable)) {
    if (room() < Math.min(first.columns, LEAST_FIRST) && expendable < Infinity) rest = rest.filter((one) => one.expendable !== expendable);
  }
  const firstColumns = Math.min(first.columns, Math.max(1, room()), MOST_FIRST);
  return first.cells.map((name, line) => {
    const texts = [padded(shortened(name, firstColumns), firstColumns), ...rest.map((one) => padded(one.cells[line] ?? '', one.columns))];
    return texts.join(GAP).trimEnd();
  });
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}
