import type { Frame } from './frame';
import { type Entry, entryLine } from './journal';
import { render } from './render';
import { Screen } from './screen';
import { paint, plain } from './text';

const FRAME_MS = 100;

export interface View {
  tell(entry: Entry): void;
  close(): void;
}

/** A picture ten times a second on a terminal that can be drawn over; plain lines everywhere else. */
export function openView(frame: () => Frame): View {
  return process.stdout.isTTY && process.env.TERM !== 'dumb' ? liveView(frame) : plainView(frame().source);
}

function liveView(frame: () => Frame): View {
  const screen = new Screen(process.stdout);
  // NO_COLOR asks for no colour, not for no picture: https://no-color.org
  const colours = !process.env.NO_COLOR;
  const draw = (): void => screen.draw(render(frame(), { ...screen.size, colours }));
  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    tell: () => {},
    close: () => {
      clearInterval(timer);
      screen.close();
      // The picture is gone with its screen: what happened stays.
      for (const entry of frame().entries) console.log(paint(entryLine(entry), Infinity, colours));
    },
  };
}

function plainView(source: string): View {
  console.log(`breaker-box demo: downloads from ${source}`);
  return { tell: (entry) => console.log(plain(entryLine(entry))), close: () => {} };
}
