import type { BreakerRegistry } from 'breaker-box';
import { lastFailureOf } from './last-failure';
import { type Colour, type Line, seconds } from './text';

export interface Entry {
  readonly atMs: number;
  readonly who: string;
  readonly what: string;
  readonly colour?: Colour;
}

const COLOURS: Readonly<Record<string, Colour>> = { open: 'red', half_open: 'yellow', closed: 'green' };

/** What happened, in order: the circuits' transitions and the news of the server. */
export class Journal {
  readonly entries: Entry[] = [];
  readonly #startedAt = performance.now();

  constructor(private readonly listener: (entry: Entry) => void) {}

  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  follow(registry: BreakerRegistry): void {
    registry.on('transition', ({ operation, from, to }) => {
      const breaker = registry.get(operation);
      const why = to === 'open' && breaker ? `: ${lastFailureOf(breaker)}` : '';
      this.add(operation, `${from} -> ${to}${why}`.replaceAll('half_open', 'half open'), COLOURS[to]);
    });
  }

  add(who: string, what: string, colour?: Colour): void {
    const entry: Entry = { atMs: this.elapsedMs, who, what, ...(colour && { colour }) };
    this.entries.push(entry);
    this.listener(entry);
  }
}

export const entryLine = ({ atMs, who, what, colour }: Entry): Line => [
  { text: seconds(atMs).padStart(7), colour: 'dim' },
  { text: `  ${who.padEnd(24)}` },
  { text: what, ...(colour && { colour }) },
];
