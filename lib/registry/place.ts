import { sourceOf } from '../core/options';
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

/** Operations that are made in a loop are at one place, which they share: each keeps it. */
let latest: Place | undefined;

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

/**
 * Where in the program's source a function is protected: file, line and column, and the same of the module that was being loaded, or of
 * where the program began. What is in between is not kept: there are any number of ways to a function. Nor is a frame, which keeps the
 * function that ran, and its `this`.
 */
export class Place {
  /** That of the innermost frame, and of the outermost one of the program, which is that of the module while one is loaded. */
  readonly urls: string;
  /** Line and column of the innermost frame. */
  readonly at: string;
  /** Those of the outermost one. */
  readonly from: string;
  readonly copy = COPY;
  readonly turn = presentTurn();
  /** Tells one source text of the module from another. */
  readonly sourceHash: Frame['sourceHash'] | undefined;

  /**
   * @param load - How a module was being loaded: in one turn, or going on after an `await`. Undefined where none was.
   * @param source - The text of what is protected.
   */
  private constructor(
    first: Frame | undefined,
    last: Frame | undefined,
    readonly load: 'at once' | 'resumed' | undefined,
    readonly source: string | symbol | undefined,
  ) {
    this.urls = first === undefined ? '' : `${first.url}\n${last?.url}`;
    this.at = `${first?.line}:${first?.column}`;
    this.from = first === last ? this.at : `${last?.line}:${last?.column}`;
    this.sourceHash = load && last?.sourceHash;
  }

  /** Of a site that tells no place: one of a production build, whose copy of the package shares the registry. */
  static unknown(): Place {
    return new Place(undefined, undefined, undefined, undefined);
  }

  /** See {@link placeOf}. */
  static of(called: AnyFunction, fn?: AnyFunction): Place {
    let first: Frame | undefined;
    let last: Frame | undefined;
    let load: Place['load'];
    for (const frame of framesAbove(called)) {
      if (LOADER_FILE.test(frame.url) || LOADER_FUNCTION.test(frame.fn)) {
        load = frame.isAsync ? 'resumed' : 'at once';
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
    const place = new Place(first, last, load, fn && sourceOf(fn));
    return latest !== undefined && areEqual(latest, place) ? latest : (latest = place);
  }

  /** Whether it is the same in the same files, whatever called it at run time. */
  isSameAs(other: Place): boolean {
    return this.urls === other.urls && this.at === other.at && (this.load === undefined || this.from === other.from);
  }

  /** Whether what is written there is the same site as another one: reached twice, evaluated twice, or part of two bundles. */
  isOneSiteWith(other: Place): boolean {
    const isOneFile = filesOf(this)[0] === filesOf(other)[0];
    return (isOneFile ? this.at === other.at : this.source !== undefined && this.source === other.source) || this.isAgain(other);
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
    const isOtherCopy = this.copy !== earlier.copy;
    if (this.urls === '' || (!isOtherCopy && this.turn < earlier.turn)) return false; // an older one that comes late
    if (this.urls !== earlier.urls) return `${filesOf(this)}` === `${filesOf(earlier)}`;
    const areLoads = this.load !== undefined && earlier.load !== undefined;
    if (areLoads && this.sourceHash?.() !== earlier.sourceHash?.()) return true;
    return this.isSameAs(earlier) && (isOtherCopy || (areLoads && this.load === 'at once' && this.turn !== earlier.turn));
  }

  /** For people: file, line and column; where it was called from, if another place is the same up to there. */
  describe(beside?: Place): string {
    if (this.urls === '') return 'an unknown place';
    const [inner, outer] = linesOf(this);
    const [innerBeside, outerBeside] = beside === undefined ? [] : linesOf(beside);
    return `${inner === innerBeside && outer !== outerBeside ? outer : inner}`;
  }
}

/**
 * The place that called a function of ours. A production build has none: no module is loaded again there, and functions of two sites agree by
 * their source text.
 *
 * @param fn - What is protected there, if it is known.
 */
export function placeOf(called: AnyFunction, fn?: AnyFunction): Place | undefined {
  return __DEV__ ? Place.of(called, fn) : undefined;
}

// Of a place that another copy of the package has made as well, so that nothing of it is private.

/** Whatever version of them was asked for: development servers and hot reloads add a query. */
function filesOf({ urls }: Place): string[] {
  return urls.split('\n').map((url) => url.replace(/[?#][^/\\]*$/, ''));
}

function areEqual(one: Place, other: Place): boolean {
  const isOneLoad = one.turn === other.turn && one.load === other.load && one.sourceHash?.() === other.sourceHash?.();
  return isOneLoad && one.source === other.source && one.from === other.from && one.isSameAs(other);
}

function linesOf(place: Place): string[] {
  return filesOf(place).map((file, index) => `${file.replace(/^file:\/\//, '')}:${index === 0 ? place.at : place.from}`);
}
