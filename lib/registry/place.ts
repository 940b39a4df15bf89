import { sourceOf } from '../core/agreement';
import type { AnyFunction } from '../core/call';
import { framesAbove, type Frame } from '../core/stack-frames';

/** Between a decorator and the class that it stands in: helpers that compilers write into a file, or import. */
const HELPER_FUNCTION = /^_*(?:ts_|es)?(?:decorate\w*|applyDecs\w*|runInitializers)$/i;
const PACKAGE = /[\\/]node_modules[\\/]/;
const HELPER_PACKAGE = /[\\/]node_modules[\\/](?:tslib|@swc[\\/]helpers|@babel[\\/]runtime[\w-]*|reflect-metadata|@nestjs[\\/]common)[\\/]/;

/** What runs the code of a module: in Node; by name in Jest, Vite and Vitest, vite-node, webpack and Turbopack. */
const LOADER_FILE = /^node:internal\/(?:modules|vm)\b/;
const LOADER_FUNCTION = /^(?:_execModule|_?runInlinedModule|runModule|__webpack_require__|instantiateModule)$/;

/** This copy of the package. */
const COPY = {};

/** Modules that are loaded together are evaluated in one turn, unless one waits for something. */
const turns = { now: 0, isCounted: false };

function presentTurn(): number {
  if (!turns.isCounted) {
    turns.isCounted = true;
    void Promise.resolve().then(() => {
      turns.now++;
      turns.isCounted = false;
    });
  }
  return turns.now;
}

/**
 * Where in the program's source a function is protected: file, line and column, and the same of the functions that it was called by, down to
 * the module that was being loaded.
 */
export class Place {
  /** That of its innermost frame. */
  readonly file: string;
  /** The files of its frames, the innermost first, without queries. */
  readonly files: string;
  /** The same with queries. */
  readonly urls: string;
  readonly positions: string;
  readonly copy = COPY;
  readonly turn = presentTurn();
  /** The frame of the module that was being loaded, if one was. */
  readonly module: Frame | undefined;
  /** Its frames for people. */
  readonly lines: readonly string[];

  /** @param source - The text of what is protected. */
  private constructor(
    frames: readonly Frame[],
    isLoading: boolean,
    readonly source: string | symbol | undefined,
  ) {
    const [first] = frames;
    this.files = frames.map(({ url }) => fileOf(url)).join('\n');
    this.urls = frames.map(({ url }) => url).join('\n');
    this.positions = frames.map(({ line, column }) => `${line}:${column}`).join('\n');
    this.module = isLoading ? frames.at(-1) : undefined;
    this.file = first === undefined ? '' : fileOf(first.url);
    this.lines = frames.map(({ url, line, column }) => `${fileOf(url).replace(/^file:\/\//, '')}:${line}:${column}`);
  }

  /**
   * The place that called a function of ours.
   *
   * @param fn - What is protected there, if it is known.
   */
  static of(called: AnyFunction, fn?: AnyFunction): Place {
    const source = fn && sourceOf(fn);
    const frames: Frame[] = [];
    for (const frame of framesAbove(called)) {
      if (LOADER_FILE.test(frame.url) || LOADER_FUNCTION.test(frame.fn)) return new Place(frames, true, source);
      // A timer, an event, a framework: what is beneath it is not what made the site.
      if (frame.url.startsWith('node:') || (PACKAGE.test(frame.url) && frames.some(({ url }) => !PACKAGE.test(url)))) break;
      if (!HELPER_FUNCTION.test(frame.fn) && !HELPER_PACKAGE.test(frame.url)) frames.push(frame);
    }
    return new Place(frames, false, source);
  }

  /** The same for all sites of one place. */
  get key(): string {
    return `${this.urls}\n${this.positions}`;
  }

  /** Whether what is written there is the same site as another one: reached twice, evaluated twice, or part of two bundles. */
  isOneSiteWith(other: Place): boolean {
    const areBundles = this.file !== other.file && this.source !== undefined && this.source === other.source;
    return areBundles || this.lines[0] === other.lines[0] || this.isAgain(other);
  }

  /** Whether it is the same place in the same files, whenever they were loaded. */
  isSameAs(other: Place): boolean {
    return this.files === other.files && this.positions === other.positions;
  }

  /**
   * Whether the site of an earlier place was evaluated again here: its files were loaded again, as by a hot reload, or by a test that resets its
   * modules. Lines may have moved since, so that the files tell, and what shows another load: another query, another text, another copy of the
   * package. Where nothing has changed, it is the same place, reached by the loading of its module in a later turn: within one turn it may be a loop.
   *
   * A function that makes one operation after another is no such thing: it is not the module that is evaluated again.
   */
  isAgain(earlier: Place): boolean {
    if (this.files === '' || this.files !== earlier.files) return false;
    if (this.copy === earlier.copy && this.turn < earlier.turn) return false; // an older one that comes late
    if (this.urls !== earlier.urls) return true;
    const areLoads = this.module !== undefined && earlier.module !== undefined;
    if (this.copy !== earlier.copy) return areLoads || this.isSameAs(earlier);
    if (!areLoads) return false;
    if (this.module?.sourceHash() !== earlier.module?.sourceHash()) return true;
    return this.isSameAs(earlier) && this.turn !== earlier.turn;
  }

  /** For people: file, line and column; where it was called from, if another place is the same up to there. */
  describe(beside?: Place): string {
    const differing = this.lines.findIndex((line, index) => line !== beside?.lines[index]);
    return this.lines[Math.max(0, differing)] ?? 'an unknown place';
  }
}

/** A file whatever version of it was asked for: development servers and hot reloads add a query. */
function fileOf(url: string): string {
  return url.replace(/[?#][^/\\]*$/, '');
}
