/** Where a command writes, line by line. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Columns; Infinity where nobody looks, such as in a file. */
  readonly width: number;
  /** Empties the screen, where there is one. */
  readonly cleared: string;
}

export function terminalOf({ stdout, stderr }: NodeJS.Process): Terminal {
  // Who reads may have seen enough, as `head` does.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => void stdout.write(`${text}\n`),
    err: (text) => void stderr.write(`${text}\n`),
    cleared: stdout.isTTY ? '\x1b[H\x1b[2J' : '',
    // Some pseudo-terminals say that they have none.
    width: stdout.isTTY && stdout.columns > 0 ? stdout.columns : Infinity,
  };
}
