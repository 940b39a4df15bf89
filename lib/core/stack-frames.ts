import type { AnyFunction } from './call';

/** As much of an engine's call site as is used. */
interface CallSite {
  getScriptNameOrSourceURL?(): string | null;
  getFunctionName(): string | null;
  getLineNumber(): number | null;
  getColumnNumber(): number | null;
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
export function framesAbove(called: AnyFunction): Frame[] {
  const stack = stackAbove(called);
  if (Array.isArray(stack)) return (stack as CallSite[]).flatMap(frameOf);
  const frames = typeof stack === 'string' ? stack.split('\n').flatMap(frameIn) : [];
  if ((Error as StackMaker).captureStackTrace !== undefined) return frames;
  // Ours are above it still; in a bundle they are in the program's own file.
  const foreign = frames.findIndex(({ url }) => url !== frames[0]?.url);
  return foreign < 0 ? frames : frames.slice(foreign);
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
    if (stackTraceLimit !== undefined) maker.stackTraceLimit = stackTraceLimit;
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
  return [{ url, ...position, fn: callSite.getFunctionName() ?? '', sourceHash: () => callSite.getScriptHash?.() }];
}

const FRAME = /^\s*(?:at (?:async )?(?:(?<fn>.*?) \()?|(?<name>.*?)@)(?<url>.+?):(?<line>\d+):(?<column>\d+)\)?$/;

/** `at load (file:///a.js:1:2)`, `load@https://a.test/a.js:1:2`. */
function frameIn(text: string): Frame[] {
  const { fn, name, url, line, column } = FRAME.exec(text)?.groups ?? {};
  if (url === undefined) return [];
  return [{ url, line: Number(line), column: Number(column), fn: (fn ?? name ?? '').split('.').at(-1) ?? '', sourceHash: () => undefined }];
}
