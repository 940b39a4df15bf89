/** Controls, halves of surrogate pairs and what is invisible, but for what joins emoji. */
const UNPRINTABLE = /(?!(?<=\p{Extended_Pictographic}\ufe0f?)\u200d\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A text as a terminal may be given it: what would move the cursor, or show as nothing, is told by its code. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

const WIDE = /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Script=Han}/u;
const MARKS_ALONE = /^\p{M}+$/u;

const graphemes = new Intl.Segmenter();

/** How many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  // Almost all names.
  if (/^[ -~]*$/.test(text)) return text.length;
  return [...graphemes.segment(text)].reduce((sum, { segment }) => sum + widthOf(segment), 0);
}

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)));
}

/** The beginning and the end of a text that is too long: names that are alike differ at either. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  const parts = [...graphemes.segment(text)].map(({ segment }) => segment);
  const room = Math.max(0, columns - 1);
  const start = fitting(parts, Math.ceil(room / 2));
  const end = fitting([...parts].reverse(), room - columnsOf(start.join(''))).reverse();
  return `${start.join('')}…${end.join('')}`;
}

function fitting(parts: readonly string[], columns: number): string[] {
  let room = columns;
  const first = parts.findIndex((part) => (room -= widthOf(part)) < 0);
  return parts.slice(0, first === -1 ? undefined : first);
}

function widthOf(grapheme: string): number {
  if (MARKS_ALONE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
