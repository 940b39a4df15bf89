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

/** What goes on after an `await` in Node. */
const MICROTASKS = 'node:internal/process/';

/** This copy of the package. */
const COPY = {};

/** Counts the turns of the event loop in which a place was taken. */
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

/** A position in a source text. */
type Spot = Pick<Frame, 'url' | 'line' | 'column'>;

/**
 * Where in the program's source a function is protected: file, line and column, and the same of the module that was being loaded, or of
 * where the program began. What is in between is not kept: there are any number of ways to a function.
 */
export class Place {
  readonly copy = COPY;
  readonly turn = presentTurn();

  /**
   * @param first - The innermost frame.
   * @param last - The outermost frame of the program: that of the module, while one is loaded.
   * @param load - How a module was being loaded: in one turn, or going on after an `await`. Undefined where none was.
   * @param sourceHash - Tells one source text of the module from another.
   * @param source - The text of what is protected.
   */
  private constructor(
    readonly first: Spot | undefined,
    readonly last: Spot | undefined,
    readonly load: 'at once' | 'resumed' | undefined,
    readonly sourceHash: Frame['sourceHash'] | undefined,
    readonly source: string | symbol | undefined,
  ) {}

  /**
   * The place that called a function of ours.
   *
   * @param fn - What is protected there, if it is known.
   */
  static of(called: AnyFunction, fn?: AnyFunction): Place {
    let first: Frame | undefined;
    let last: Frame | undefined;
    let load: Place['load'];
    for (const frame of framesAbove(called)) {
      if (LOADER_FILE.test(frame.url) || LOADER_FUNCTION.test(frame.fn)) {
        if (last !== undefined) load = frame.isAsync ? 'resumed' : 'at once';
        break;
      }
      // Beneath it are the functions that wait for the one above.
      if (frame.url.startsWith(MICROTASKS)) continue;
      // A timer, an event, a framework: what is beneath it is not what made the site.
      if (frame.url.startsWith('node:') || (last !== undefined && PACKAGE.test(frame.url) && !PACKAGE.test(last.url))) break;
      if (HELPER_FUNCTION.test(frame.fn) || HELPER_PACKAGE.test(frame.url)) continue;
      first ??= frame;
      last = frame;
    }
    const spot = spotOf(first);
    return new Place(spot, first === last ? spot : spotOf(last), load, load && last?.sourceHash, fn && sourceOf(fn));
  }

  /** Whether the same was reached again in the same load, whatever called it at run time. */
  isSameAs(other: Place): boolean {
    const isModule = this.load !== undefined || other.load !== undefined;
    return isSpot(this.first, other.first) && (isModule ? isSpot(this.last, other.last) : this.last?.url === other.last?.url);
  }

  /** Whether what is written there is the same site as another one: reached twice, evaluated twice, or part of two bundles. */
  isOneSiteWith(other: Place): boolean {
    const areBundles = !isFile(this.first, other.first) && this.source !== undefined && this.source === other.source;
    return areBundles || isWhere(this.first, other.first) || this.isAgain(other);
  }

  /** Whether both were taken while a module was loaded, at the same place of it, in one load or in two. */
  isLoadedAt(other: Place): boolean {
    return this.load !== undefined && other.load !== undefined && this.isWhere(other);
  }

  /** Whether it is the same place in the same files, whichever load of them. */
  private isWhere(other: Place): boolean {
    return isWhere(this.first, other.first) && isWhere(this.last, other.last);
  }

  /**
   * Whether the site of an earlier place was evaluated again here: its files were loaded again, as by a hot reload, or by a test that resets its
   * modules. Lines may have moved since, so that the files tell, and what shows another load: another query, another text, another copy of the
   * package. Two sites of one load are two operations, as in a loop. So where nothing has changed, only a later turn shows another load, and
   * only of a module that runs without a pause: one that has waited may be in the same load still.
   *
   * A function that makes one operation after another is no such thing: it is not the module that is evaluated again.
   */
  isAgain(earlier: Place): boolean {
    if (this.first === undefined || !isFile(this.first, earlier.first) || !isFile(this.last, earlier.last)) return false;
    const isOtherCopy = this.copy !== earlier.copy;
    if (!isOtherCopy && this.turn < earlier.turn) return false; // an older one that comes late
    if (this.first.url !== earlier.first?.url || this.last?.url !== earlier.last?.url) return true;
    const areLoads = this.load !== undefined && earlier.load !== undefined;
    if (areLoads && this.sourceHash?.() !== earlier.sourceHash?.()) return true;
    return this.isWhere(earlier) && (isOtherCopy || (areLoads && this.load === 'at once' && this.turn !== earlier.turn));
  }

  /** For people: file, line and column; where it was called from, if another place is the same up to there. */
  describe(beside?: Place): string {
    const isCaller = isWhere(this.first, beside?.first) && !isWhere(this.last, beside?.last);
    const spot = isCaller ? this.last : this.first;
    return spot === undefined ? 'an unknown place' : `${fileOf(spot.url).replace(/^file:\/\//, '')}:${spot.line}:${spot.column}`;
  }
}

/** Without what the engine has for a frame, which keeps the function that ran, and its `this`. */
function spotOf(frame: Frame | undefined): Spot | undefined {
  return frame && { url: frame.url, line: frame.line, column: frame.column };
}

/** A file whatever version of it was asked for: development servers and hot reloads add a query. */
function fileOf(url: string): string {
  return url.replace(/[?#][^/\\]*$/, '');
}

function isFile(one: Spot | undefined, other: Spot | undefined): boolean {
  return one?.url === other?.url || fileOf(one?.url ?? '') === fileOf(other?.url ?? '');
}

/** Whether it is the same position of one file, whichever load. */
function isWhere(one: Spot | undefined, other: Spot | undefined): boolean {
  return one?.line === other?.line && one?.column === other?.column && isFile(one, other);
}

function isSpot(one: Spot | undefined, other: Spot | undefined): boolean {
  return one?.url === other?.url && isWhere(one, other);
}
