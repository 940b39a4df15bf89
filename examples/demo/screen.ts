import type { WriteStream } from 'node:tty';

const ENTER = '\x1b[?1049h\x1b[?25l'; // the alternate screen, no cursor
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/**
 * The terminal, drawn over in place. It has a screen of its own while it lasts, so that a resize cannot leave torn
 * lines behind, and gives the terminal back as it was, cursor included, however the process ends.
 */
export class Screen {
  readonly #leave = (): void => void this.terminal.write(LEAVE);

  constructor(private readonly terminal: WriteStream) {
    terminal.write(ENTER);
    process.once('exit', this.#leave);
  }

  /** Some pseudo-terminals report no size, or 0 by 0. */
  get size(): { width: number; height: number } {
    return { width: this.terminal.columns || 80, height: this.terminal.rows || 24 };
  }

  /** One write a frame, without clearing the screen first: nothing flickers. */
  draw(lines: readonly string[]): void {
    this.terminal.write(HOME + lines.map((line) => CLEAR_LINE + line).join('\n') + CLEAR_BELOW);
  }

  close(): void {
    process.removeListener('exit', this.#leave);
    this.#leave();
  }
}
