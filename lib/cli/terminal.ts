const { stdout, stderr } = process;

// Who reads may have seen enough, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** Where a command writes, line by line. */
export const terminal = {
  out: (text: string): void => void stdout.write(`${text}\n`),
  err: (text: string): void => void stderr.write(`${text}\n`),
  /** Empties the screen, where there is one. */
  cleared: stdout.isTTY ? '\x1b[H\x1b[2J' : '',
  /** Columns; Infinity where nobody looks, such as in a file. Some pseudo-terminals say that they have none. */
  width: stdout.isTTY && stdout.columns > 0 ? stdout.columns : Infinity,
};
