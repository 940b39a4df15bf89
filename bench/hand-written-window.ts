import { RECOVERY_MS, type Loose, type Protectable } from './hand-written';

/** The outcomes of the recent past, by which a circuit opens. */
export interface HandWrittenWindow {
  /** @returns Whether the failure rate has reached one half. */
  record(failed: boolean): boolean;
  clear(): void;
}

/** {@link handWrittenBreaker}, opened by a failure rate instead of a consecutive count. */
export function handWrittenRateBreaker<F extends Protectable>(fn: F, window: HandWrittenWindow, recoveryMs = RECOVERY_MS): F {
  let isOpen = false;
  let openUntilMs = 0;
  let isProbing = false;

  const open = (): void => {
    isOpen = true;
    isProbing = false;
    openUntilMs = performance.now() + recoveryMs;
    window.clear();
  };

  const onSuccess = (value: unknown): unknown => {
    isOpen = isProbing = false;
    if (window.record(false)) open();
    return value;
  };

  const onFailure = (error: unknown): never => {
    if (window.record(true) || isProbing) open();
    throw error;
  };

  return function (this: unknown, ...args: unknown[]): Promise<unknown> {
    if (isOpen) {
      if (isProbing || performance.now() < openUntilMs) return Promise.reject(new Error('The circuit is open'));
      isProbing = true;
    }
    // Written out, as in the breaker without a window.
    let result: Promise<unknown>;
    try {
      result = Reflect.apply(fn as unknown as Loose, this, args);
    } catch (error) {
      result = Promise.reject(error);
    }
    return result.then(onSuccess, onFailure);
  } as unknown as F;
}

/** The last `size` outcomes: a ring of flags and a running sum. */
export class HandWrittenCountWindow implements HandWrittenWindow {
  readonly #ring: Uint8Array;
  #next = 0;
  #calls = 0;
  #failures = 0;

  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  record(failed: boolean): boolean {
    const ring = this.#ring;
    const flag = failed ? 1 : 0;
    if (this.#calls === ring.length) this.#failures -= ring[this.#next]!;
    else this.#calls++;
    ring[this.#next] = flag;
    this.#failures += flag;
    if (++this.#next === ring.length) this.#next = 0;
    return this.#calls === ring.length && this.#failures * 2 >= this.#calls;
  }

  clear(): void {
    this.#next = this.#calls = this.#failures = 0;
  }
}

const BUCKETS = 10;
const MINIMUM_CALLS = 20;

/** The outcomes of the last `durationMs`: ten buckets and running sums. */
export class HandWrittenTimeWindow implements HandWrittenWindow {
  readonly #widthMs: number;
  readonly #callsIn = new Float64Array(BUCKETS);
  readonly #failuresIn = new Float64Array(BUCKETS);
  #newest = 0;
  #calls = 0;
  #failures = 0;

  constructor(durationMs: number) {
    this.#widthMs = durationMs / BUCKETS;
  }

  record(failed: boolean): boolean {
    const bucket = Math.floor(performance.now() / this.#widthMs);
    if (bucket !== this.#newest) this.#advanceTo(bucket);
    const flag = failed ? 1 : 0;
    const slot = bucket % BUCKETS;
    this.#callsIn[slot]! += 1;
    this.#failuresIn[slot]! += flag;
    this.#calls++;
    this.#failures += flag;
    return this.#calls >= MINIMUM_CALLS && this.#failures * 2 >= this.#calls;
  }

  clear(): void {
    this.#callsIn.fill(0);
    this.#failuresIn.fill(0);
    this.#calls = this.#failures = 0;
  }

  #advanceTo(bucket: number): void {
    for (let number = Math.max(this.#newest + 1, bucket - BUCKETS + 1); number <= bucket; number++) {
      const slot = number % BUCKETS;
      this.#calls -= this.#callsIn[slot]!;
      this.#failures -= this.#failuresIn[slot]!;
      this.#callsIn[slot] = this.#failuresIn[slot] = 0;
    }
    this.#newest = bucket;
  }
}
