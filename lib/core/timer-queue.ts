import { ambient } from './call';
import type { RealTime } from './real-time';
import { LONGEST_TIMER_MS } from './timer';

/** Something that has a limited time. */
export abstract class Waiter {
  /** When its time is up, by the queue's clock; 0 while that is not decided. */
  dueMs = 0;
  /** Whether what it waits for has come. It may be used again then, also while it is noted still. */
  isOver = true;
  isNoted = false;
  isQueued = false;
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;

  /** Its time is up. Must not throw. */
  abstract expire(): void;
}

/** How many waiters may be new before they are looked at. */
const ROOM = 64;

/** How many waiters are queued at once after one that did not settle in its turn: the next are likely to be the same. */
const AT_ONCE = 32;

/** How many different times are worth remembering; a program that has more computes them. */
const MOST_SHARED = 1000;

/**
 * Limits the time of many waiters that are all given the same: so they leave in the order they came, and one timer does,
 * armed for the first. When nobody waits any more it does not keep the process alive: it stays until it fires once and finds
 * nobody, for calls often come one after the other, and to arm and disarm it for each costs more than all the rest.
 *
 * Reading the clock costs as much as a call of a protected function, and arming a timer six times that. So what comes is only
 * noted, and looked at when the turn of the event loop is over: what has settled by then has cost a store, and the rest gets
 * its time from then on. No timer could have fired before, and a caller who keeps the loop busy does not use up the time of
 * what it has asked for. To learn of the end of a turn costs four times the clock, though: where calls outlive their turn, as
 * those do that wait for an answer, most are queued at once.
 */
export class TimerQueue {
  static readonly #shared = new Map<number, TimerQueue>();

  readonly #recent = new Array<Waiter | undefined>(ROOM).fill(undefined);
  #count = 0;
  #atOnce = 0;
  #isTurnWatched = false;
  #first: Waiter | undefined;
  #last: Waiter | undefined;
  #timer: unknown;
  /** When the armed timer fires. */
  #armedForMs = 0;

  constructor(
    private readonly durationMs: number,
    private readonly time: RealTime,
  ) {}

  /**
   * The queue of all that are given the same time, whatever pipeline they belong to: a pipeline is compiled anew for each registry, and
   * would leave a timer behind each time.
   */
  static shared(durationMs: number, time: RealTime): TimerQueue {
    const known = TimerQueue.#shared.get(durationMs);
    if (known !== undefined) return known;
    const queue = new TimerQueue(durationMs, time);
    if (TimerQueue.#shared.size < MOST_SHARED) TimerQueue.#shared.set(durationMs, queue);
    return queue;
  }

  /** Lets a waiter begin. */
  add(waiter: Waiter): void {
    waiter.isOver = false;
    if (waiter.dueMs !== 0) waiter.dueMs = 0;
    if (!waiter.isNoted) this.#enter(waiter);
  }

  /** Apart, so that a call that takes the place of one which has just settled costs next to nothing. */
  #enter(waiter: Waiter): void {
    if (this.#atOnce > 0) {
      this.#atOnce--;
      const nowMs = this.time.clock.now();
      this.#begin(waiter, nowMs);
      this.#keepArmed(nowMs);
      return;
    }
    waiter.isNoted = true;
    this.#recent[this.#count++] = waiter;
    if (!this.#isTurnWatched) this.#watchTurn();
    if (this.#count === ROOM) this.#admit();
  }

  /** Decides when the time of a waiter that has just begun is up. */
  stamp(waiter: Waiter): void {
    if (waiter.dueMs === 0) waiter.dueMs = this.time.clock.now() + this.durationMs;
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
    if (this.#first === undefined) this.#release();
  }

  /** Nobody waits: the timer may stay only where it does not keep the process alive. */
  #release(): void {
    if (this.#timer === undefined || this.time.release(this.#timer)) return;
    this.time.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watchTurn(): void {
    this.#isTurnWatched = true;
    this.time.endOfTurn(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#isTurnWatched = false;
    this.#admit();
  };

  /** Queues those of the new ones that wait still. */
  #admit(): void {
    let nowMs = 0;
    for (let n = 0; n < this.#count; n++) {
      const waiter = this.#recent[n]!;
      this.#recent[n] = undefined;
      waiter.isNoted = false;
      if (waiter.isOver) continue;
      nowMs ||= this.time.clock.now();
      this.#begin(waiter, nowMs);
      this.#atOnce = AT_ONCE;
    }
    this.#count = 0;
    this.#keepArmed(nowMs);
  }

  #begin(waiter: Waiter, nowMs: number): void {
    if (waiter.dueMs === 0) waiter.dueMs = nowMs + this.durationMs;
    this.#append(waiter);
  }

  #keepArmed(nowMs: number): void {
    if (this.#first === undefined) return;
    // Where no timer is armed, somebody who waits has just come.
    if (this.#timer === undefined) this.#arm(this.#first.dueMs, nowMs);
    else this.time.hold(this.#timer);
  }

  #append(waiter: Waiter): void {
    waiter.isQueued = true;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  #arm(dueMs: number, nowMs: number): void {
    const delayMs = Math.min(dueMs - nowMs, LONGEST_TIMER_MS);
    this.#armedForMs = nowMs + delayMs;
    const { storage } = ambient;
    // The timer is everybody's, and must not carry the call of the one who came first.
    this.#timer = storage === undefined ? this.#timerOf(delayMs) : storage.run(undefined as never, this.#timerOf, delayMs);
  }

  readonly #timerOf = (delayMs: number): unknown => this.time.clock.setTimeout(this.#fire, delayMs);

  readonly #fire = (): void => {
    this.#timer = undefined;
    // Timers fire up to a millisecond early, and a clock may be set back: the timer is right.
    const nowMs = Math.max(this.time.clock.now(), this.#armedForMs);
    for (let first = this.#first; first !== undefined && first.dueMs <= nowMs; first = this.#first) {
      this.remove(first);
      first.expire();
    }
    // One that expired may have made others begin, and those have armed it.
    if (this.#first !== undefined && this.#timer === undefined) this.#arm(this.#first.dueMs, nowMs);
  };
}
