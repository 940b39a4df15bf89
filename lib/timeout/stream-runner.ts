import type { Call } from '../core/call';
import { CancellationSource } from '../core/cancellation';
import type { Clock } from '../core/clock';
import type { Deadline } from '../core/deadline';
import type { OperationTimeoutError } from '../core/errors';
import { rejected, type Args, type OnFailure, type OnSuccess, type Runner } from '../core/runner';
import { OpenStream } from '../core/stream';
import { startTimer } from '../core/timer';
import { because, type TimeoutRules } from './rules';

/** Bounds each wait for an item of a stream, the first included; the time its consumer takes is not bounded. */
export class StreamTimeoutRunner implements Runner {
  constructor(
    private readonly rules: TimeoutRules,
    private readonly isCooperative: boolean,
    private readonly next: Runner,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    if (call.cancellation?.aborted === true) return rejected(call.cancellation.reason, onFailure);
    const waits = new Waits(this.rules, this.isCooperative, call);
    const inner = call.as(call.attempt, waits.cancellation, waits);
    const opened = (stream: unknown): unknown => {
      if (OpenStream.is(stream)) return bounded(stream, waits);
      waits.end();
      return stream;
    };
    const failed = (error: unknown): never => {
      waits.end();
      throw error;
    };
    return waits
      .bound(() => this.next.run(inner, self, args), discard)
      .then(opened, failed)
      .then(onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }
}

function bounded(stream: OpenStream, waits: Waits): OpenStream {
  const { ask } = stream;
  stream.ask = (call, method, sent) =>
    method === 'return' ? ask(call, method, sent) : waits.bound(() => ask(call, method, sent), undefined, () => void stream.close());
  stream.whenOver(() => {
    waits.end();
  });
  return stream;
}

/** A stream that nobody waits for any more. */
function discard(stream: unknown): void {
  if (OpenStream.is(stream)) void stream.close();
}

/** The waits for the items of one stream, one after the other, under one signal. */
class Waits implements Deadline {
  readonly cancellation: CancellationSource;
  /** Of the present wait. */
  atMs = Infinity;

  constructor(
    private readonly rules: TimeoutRules,
    private readonly isCooperative: boolean,
    private readonly call: Call,
  ) {
    this.cancellation = new CancellationSource(call.cancellation);
  }

  get operation(): string {
    return this.call.operation;
  }

  get clock(): Clock {
    return this.rules.clock;
  }

  /**
   * Waits for what `start` gives, as long as the timeout says.
   *
   * @param drop - Takes what comes when nobody waits any more.
   * @param onLeft - Told when nobody does.
   */
  bound<T>(start: () => Promise<T>, drop?: (value: T) => void, onLeft?: () => void): Promise<T> {
    const { rules, call, cancellation } = this;
    const givenMs = rules.allotMs(call);
    if (givenMs === 0) {
      onLeft?.();
      return rejected(rules.error(call, 0, 0)) as Promise<never>;
    }
    return new Promise((resolve, reject) => {
      let late: OperationTimeoutError | undefined;
      let isLeft = false;
      const dueMs = (this.atMs = rules.clock.now() + givenMs);
      const cancelTimer = startTimer(rules.clock, givenMs, () => {
        if (!cancellation.aborted) {
          late = rules.error(call, givenMs, givenMs + rules.clock.now() - dueMs);
          rules.tell(call, givenMs);
          cancellation.abort(late);
        }
        if (this.isCooperative) return;
        isLeft = true;
        reject(cancellation.reason);
        onLeft?.();
      });
      const settle = (): void => {
        cancelTimer();
        this.atMs = Infinity;
      };
      // Within a promise: an iterator may throw where it should reject.
      const running = new Promise<T>((settled) => {
        settled(start());
      });
      running.then(
        (value) => {
          settle();
          if (isLeft) drop?.(value);
          else resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(late === undefined ? error : because(late, error));
        },
      );
    });
  }

  /** The stream is over. */
  end(): void {
    this.cancellation.release();
  }
}
