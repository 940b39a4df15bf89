import type { Clock } from 'breaker-box';

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** Virtual time: events in the order of their times. A binary heap, since a run has hundreds of thousands of them. */
export class Timeline implements Clock {
  #nowMs = 0;
  readonly #heap: Event[] = [];

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  setTimeout(fn: () => void, delayMs: number): unknown {
    const timer = { isArmed: true };
    this.after(delayMs, () => {
      if (timer.isArmed) fn();
    });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    (timer as { isArmed: boolean }).isArmed = false;
  }

  after(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const event = { atMs: this.#nowMs + delayMs, run };
    let at = heap.length;
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.atMs > event.atMs; parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs < endMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      if (child >= heap.length || heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
