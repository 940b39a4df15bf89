import { builtinModule } from './builtin-module';
import type { Clock } from './clock';
import { hooks } from './hooks';
import { fullTurn } from './timer';
import { isTiedToRequests } from './turn';

/** The platform's own timers, whatever stands in for them by now. */
export interface RealTime {
  readonly clock: Clock;
  /** Runs `fn` when the running code and its promise reactions are done, before any timer, answer or request has its turn. */
  readonly endOfTurn: (fn: () => void) => void;
  /** Runs `fn` after a full turn of the event loop, in which the answers that wait in the sockets are read. */
  readonly fullTurn: (fn: () => void) => void;
  /** Lets an armed timer keep the process alive, as it does from the start. */
  readonly hold: (timer: unknown) => void;
  /** Lets the process end before an armed timer fires. @returns Whether it can: elsewhere timers are numbers, as in a browser or jsdom. */
  readonly release: (timer: unknown) => boolean;
}

interface Ticking {
  process?: { nextTick?: (fn: () => void) => void };
}

interface Holdable {
  ref?: () => object;
  unref?: () => object;
}

const { setTimeout, clearTimeout, performance, process } = globalThis as typeof globalThis & Ticking;
const nextTick = process?.nextTick?.bind(process);
const readClock = performance.now;
const now = readClock.bind(performance);

const own: RealTime | undefined =
  nextTick === undefined || isTiedToRequests() || !isRuntimesOwn(setTimeout)
    ? undefined
    : {
        clock: {
          now,
          setTimeout: (fn, ms) => setTimeout(fn, Math.ceil(ms)),
          clearTimeout: (handle) => {
            clearTimeout(handle as ReturnType<typeof setTimeout>);
          },
        },
        endOfTurn: nextTick,
        fullTurn,
        hold: (timer) => (timer as Holdable).ref?.(),
        release: (timer) => (timer as Holdable).unref?.() !== undefined,
      };

/**
 * The real time; undefined where its turns cannot be told apart (a browser), and while a test has put timers or a clock of its
 * own in the place of the platform's: those move as the test says, also in the midst of a turn.
 */
export function realTime(): RealTime | undefined {
  return hooks.ownsTime !== true && globalThis.setTimeout === setTimeout && performance.now === readClock ? own : undefined;
}

/**
 * Whether it is the timer function that came with the runtime. Others, put in its place before this module was loaded, may drop a timer
 * together with the request that armed it, or be a test's: sinon's fakes, which have a `clock`, take the place of the module's too. Such a timer is not shared.
 */
function isRuntimesOwn(timer: object): boolean {
  return !('clock' in timer) && builtinModule<{ setTimeout: object }>('node:timers')?.setTimeout === timer;
}
