import { ambient } from './call';
import type { Clock } from './clock';
import { hooks } from './hooks';
import { builtinModule } from './platform';
import { fullTurn, isTiedToRequests, LONGEST_TIMER_MS, STALL_MS } from './timer';

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

/** Something that has a limited time. */
export interface Waiter {
  /** When its time is up, by the queue's clock; 0 while that is not decided. */
  dueMs: number;
  isQueued: boolean;
  previous: Waiter | undefined;
  next: Waiter | undefined;
  /** Its time is up. Must not throw. */
  expire(): void;
}

/** How many durations share a timer; a program that has more of them computes them. */
const MOST_SHARED = 1000;

/**
 * Limits the time of many waiters that are all given the same: they leave in the order they came, so one timer, armed for the first, serves all.
 * When nobody waits, the timer stays for the next call, but does not keep the process alive.
 *
 * Reading the clock and arming a timer cost more than a call of a protected function. So both are left to the end of the turn of the event loop:
 * what has settled by then has cost two stores, and the others get their time from then on. No timer could have fired before, and a caller that
 * keeps the loop busy does not use up the time of what it has asked for.
 */
export class TimerQueue {
  static readonly #shared = new Map<number, TimerQueue>();

  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #timer: unknown;
  /** When the armed timer fires. */
  #armedForMs = 0;
  /** Whether the timer keeps the process alive. */
  #isHeld = false;
  #isTurnWatched = false;

  constructor(
    private readonly durationMs: number,
    private readonly time: RealTime,
  ) {}

  /** The queue of all that are given the same time: one for each pipeline would leave many timers behind. */
  static shared(durationMs: number, time: RealTime): TimerQueue {
    const known = TimerQueue.#shared.get(durationMs);
    if (known !== undefined) return known;
    const queue = new TimerQueue(durationMs, time);
    if (TimerQueue.#shared.size < MOST_SHARED) TimerQueue.#shared.set(durationMs, queue);
    return queue;
  }

  add(waiter: Waiter): void {
    waiter.dueMs = 0;
    waiter.isQueued = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
    if (this.#isTurnWatched) return;
    this.#isTurnWatched = true;
    this.time.endOfTurn(this.#endTurn);
  }

  /** Takes out a waiter that is queued. */
  remove(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    waiter.previous = waiter.next = undefined;
    waiter.isQueued = false;
    // Else the timer stays as it is, and looks for the first again when it fires.
    if (this.#first === undefined && this.#isHeld) this.#release();
  }

  /** Decides when the time of a queued waiter is up, and of those before it. */
  stamp(waiter: Waiter): void {
    if (waiter.isQueued && waiter.dueMs === 0) this.#stampAll(this.time.clock.now());
  }

  readonly #endTurn = (): void => {
    this.#isTurnWatched = false;
    if (this.#first === undefined) return;
    const nowMs = this.time.clock.now();
    this.#stampAll(nowMs);
    // No timer is trusted: one that is overdue may never fire, where what armed it is gone.
    if (this.#timer === undefined || nowMs > this.#armedForMs + STALL_MS) this.#arm(nowMs);
    else if (!this.#isHeld) this.#hold();
  };

  #stampAll(nowMs: number): void {
    for (let waiter = this.#last; waiter?.dueMs === 0; waiter = waiter.previous) waiter.dueMs = nowMs + this.durationMs;
  }

  /** Arms the timer for the first waiter. */
  #arm(nowMs: number): void {
    this.#disarm();
    const delayMs = Math.min(Math.max(0, this.#first!.dueMs - nowMs), LONGEST_TIMER_MS);
    this.#armedForMs = nowMs + delayMs;
    this.#isHeld = true;
    const { storage } = ambient;
    // The timer is everybody's, and must not carry the call of the one who came first.
    this.#timer = storage === undefined ? this.#timerOf(delayMs) : storage.run(undefined as never, this.#timerOf, delayMs);
  }

  readonly #timerOf = (delayMs: number): unknown => this.time.clock.setTimeout(this.#fire, delayMs);

  #disarm(): void {
    if (this.#timer !== undefined) this.time.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isHeld = false;
  }

  #hold(): void {
    this.#isHeld = true;
    this.time.hold(this.#timer);
  }

  /** Nobody waits: the timer may stay only where it does not keep the process alive. */
  #release(): void {
    this.#isHeld = false;
    if (!this.time.release(this.#timer)) this.#disarm();
  }

  readonly #fire = (): void => {
    const { clock, fullTurn } = this.time;
    const dueMs = this.#armedForMs;
    this.#timer = undefined;
    this.#isHeld = false;
    // A stall is not a timeout: answers that wait in the sockets are read first.
    if (clock.now() > dueMs + STALL_MS) fullTurn(() => { this.#expire(dueMs); });
    else this.#expire(dueMs);
  };

  /** @param dueMs - What the timer was armed for. Timers fire up to a millisecond early, and a clock may be set back: the timer is right. */
  #expire(dueMs: number): void {
    const nowMs = Math.max(this.time.clock.now(), dueMs);
    for (let first = this.#first; first !== undefined && first.dueMs !== 0 && first.dueMs <= nowMs; first = this.#first) {
      this.remove(first);
      first.expire();
    }
    // One that came meanwhile gets its time, and the timer, at the end of its turn.
    if (this.#first !== undefined && this.#first.dueMs !== 0 && this.#timer === undefined) this.#arm(nowMs);
  }
}
