import type { Clock } from '../../../lib';

/**
 * Time that moves only when told to, and by itself to the end of every wait: a retry's delay passes at once, and the
 * clock shows that it did.
 */
export class VirtualClock implements Clock {
  private time = 0;
  private readonly cancelled = new Set<number>();
  private timers = 0;

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.time;
  }

  setTimeout(callback: () => void, delayMs: number): number {
    const handle = ++this.timers;
    const dueAt = this.time + delayMs;
    setImmediate(() => {
      if (this.cancelled.delete(handle)) return;
      this.time = Math.max(this.time, dueAt);
      callback();
    });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.cancelled.add(handle as number);
  }

  advance(durationMs: number): void {
    this.time += durationMs;
  }
}
