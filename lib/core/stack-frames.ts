import type { AnyFunction } from './call';

/** As much of an engine's call site as is used. */
interface CallSite {
  getScriptNameOrSourceURL?(): string | null;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
  isAsync?(): boolean;
  /** Of the whole source of its script. */
  getScriptHash?(): string;
}

/** A frame of the stack that is in a file. */
export interface Frame {
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** The function's name, `''` without one. */
  readonly fn: string;
  /** Whether it waits for the frame above it, which went on after an `await`. */
  readonly isAsync: boolean;
  /** Tells one source text of a file from another; undefined where the engine does not say. */
  readonly sourceHash: () => string | undefined;
}

/** As much of `Error` as engines with call sites have. */
interface StackMaker {
  stackTraceLimit?: number;
  prepareStackTrace?: unknown;
  captureStackTrace?: (target: object, above?: AnyFunction) => void;
}

const MOST_FRAMES = 20;

/** The frames above a function that is running: first the one that called it. None where the engine tells of none. */
export function* framesAbove(called: AnyFunction): Generator<Frame, undefined> {
  const stack = stackAbove(called);
  if (Array.isArray(stack)) for (const callSite of stack as CallSite[]) yield* frameOf(callSite);
  if (typeof stack !== 'string') return;
  const frames = stack.split('\n').flatMap(frameIn);
  // Ours are above it still where the engine cannot leave them out; in a bundle they are in the program's own file.
  const hasOurs = (Error as StackMaker).captureStackTrace === undefined;
  const foreign = hasOurs ? frames.findIndex(({ url }) => url !== frames[0]?.url) : 0;
  yield* foreign < 0 ? frames : frames.slice(foreign);
}

/** As call sites where the engine has them: to write them out as text may mean to read source maps. */
function stackAbove(called: AnyFunction): unknown {
  const maker = Error as StackMaker;
  const { stackTraceLimit, prepareStackTrace } = maker;
  const holder: { stack?: unknown } = {};
  try {
    maker.stackTraceLimit = MOST_FRAMES;
    maker.prepareStackTrace = (_error: unknown, callSites: unknown) => callSites;
    if (maker.captureStackTrace === undefined) return new Error().stack;
    maker.captureStackTrace(holder, called);
    return holder.stack;
  } catch {
    return undefined; // what is built in is frozen
  } finally {
    restore(maker, { stackTraceLimit, prepareStackTrace });
  }
}

function restore(maker: StackMaker, { stackTraceLimit, prepareStackTrace }: StackMaker): void {
  try {
    if (stackTraceLimit === undefined) delete maker.stackTraceLimit;
    else maker.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) delete maker.prepareStackTrace;
    else maker.prepareStackTrace = prepareStackTrace;
  } catch {
    // as above
  }
}

function frameOf(callSite: CallSite): Frame[] {
  const url = callSite.getScriptNameOrSourceURL?.();
  if (typeof url !== 'string' || url === '') return [];
  const position = { line: callSite.getLineNumber() ?? 0, column: callSite.getColumnNumber() ?? 0 };
  return [{ url, ...position, fn: callSite.getFunctionName() ?? '', isAsync: callSite.isAsync?.() === true, sourceHash: () => callSite.getScriptHash?.() }];
}

const FRAME = /^\s*(?:at (?<awaits>async )?(?:(?<fn>.*?) \()?|(?<name>.*?)@)(?<url>.+?):(?<line>\d+):(?<column>\d+)\)?$/;

/** `at load (file:///a.js:1:2)`, `load@https://a.test/a.js:1:2`. */
function frameIn(text: string): Frame[] {
  const { awaits, fn, name, url, line, column } = FRAME.exec(text)?.groups ?? {};
  if (url === undefined) return [];
  return [{ url, line: Number(line), column: Number(column), fn: (fn ?? name ?? '').split('.').at(-1) ?? '', isAsync: awaits !== undefined, sourceHash: () => undefined }];
}
