import { asText, cut, propertyOf } from './safe-inspect';

interface WarningEmitter {
  emitWarning?: (message: string, options: { type: string; code?: string; detail?: string }) => void;
}

/**
 * Tells the developer, outside the caller's control flow: `process.emitWarning` in Node, `console.warn` elsewhere. Never throws.
 */
export function warn(code: string, message: string, detail?: string): void {
  try {
    if (!__NODE__ || !emitWarning(message, { type: 'BreakerBoxWarning', code, detail })) {
      (globalThis as { console?: { warn?: (text: string) => void } }).console?.warn?.(`[${code}] ${message}`);
    }
  } catch {
    // A program may have replaced them. A warning must not fail the call that it is about.
  }
}

/** @returns Whether there is somebody to emit it. */
function emitWarning(...warning: Parameters<NonNullable<WarningEmitter['emitWarning']>>): boolean {
  const { process } = globalThis as { process?: WarningEmitter };
  if (typeof process?.emitWarning !== 'function') return false;
  process.emitWarning(...warning);
  return true;
}

const told = new WeakMap<object, Set<string>>();

/** {@link warn}, once for each code and site (the function or object that the warning is about). */
export function warnOnce(site: object, code: string, message: string, detail?: string): void {
  const codes = told.get(site) ?? new Set<string>();
  if (codes.has(code)) return;
  told.set(site, codes.add(code));
  warn(code, message, detail);
}

/** As much of a stack as is worth printing. */
const MOST_OF_DETAIL = 10_000;

/** Reports, once for each function, that a user's function threw where its throw must not reach the caller. */
export function reportThrow(fn: object, role: string, thrown: unknown): void {
  warnOnce(fn, 'BREAKER_BOX_CALLBACK', `${role} threw${__DEV__ ? '; its throw was contained' : ''}`, __NODE__ ? detailOf(thrown) : undefined);
}

function detailOf(thrown: unknown): string {
  const stack = propertyOf(thrown, 'stack');
  return cut(typeof stack === 'string' ? stack : asText(thrown), MOST_OF_DETAIL);
}
