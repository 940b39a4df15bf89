/** The few colours of the demo; each also has a word beside it, for those who do not see it. */
const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

export type Colour = keyof typeof CODES;

interface Span {
  readonly text: string;
  readonly colour?: Colour;
}

export type Line = readonly Span[];

/** One line for the terminal: cut to its width before the colours go in, so that no escape sequence is ever cut. */
export function paint(line: Line, width: number, colours: boolean): string {
  let room = width;
  let painted = '';
  for (const { text, colour } of line) {
    const visible = text.slice(0, Math.max(0, room));
    room -= visible.length;
    painted += colours && colour && visible ? `\x1b[${CODES[colour]}m${visible}\x1b[0m` : visible;
  }
  return painted;
}

export const plain = (line: Line): string => paint(line, Infinity, false);

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
