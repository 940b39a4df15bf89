import type { Call } from '../../core/call';
import { CancellationSource } from '../../core/cancellation';
import { wallTime, type Clock } from '../../core/clock';
import { OperationTimeoutError, withoutStack } from '../../core/errors';
import type { EventSink } from '../../core/events';
import { type Args, type OnFailure, type OnSuccess, type Runner } from '../../core/runner';
import { closed, OpenStream } from '../../core/stream';
import { startTimer } from '../../core/timer';
import type { TimeoutEvents } from './events';

/** Rejects a call that does not settle in time, at once, and aborts its signal. What it gives later is dropped. */
export class TimeoutRunner implements Runner {
  constructor(
    private readonly timeoutMs: number,
    private readonly clock: Clock,
    private readonly next: Runner,
    private readonly sink?: Pick<EventSink<TimeoutEvents>, 'has' | 'emit'>,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    const cancellation = new CancellationSource(call.cancellation);
    const release = (): void => {
      cancellation.release();
    };
    const inner = call.as(call.attempt, cancellation);
    return this.#bound(call, cancellation, () => this.next.run(inner, self, args))
      .then(
        (value) => {
          if (value instanceof OpenStream) return this.#boundItems(value, call, cancellation);
          release();
          return value;
        },
        (error: unknown) => {
          release();
          throw error;
        },
      )
      .then(onSuccess, onFailure);
  }

  blockedForMs(self: unknown, args: Args): number {
    return this.next.blockedForMs(self, args);
  }

  /** Each wait for an item is bounded; the time its consumer takes is not. */
  #boundItems(stream: OpenStream, call: Call, cancellation: CancellationSource): OpenStream {
    const { iterator } = stream;
    const closeIt = (): void => {
      void closed(iterator);
    };
    const bounded: AsyncIterator<unknown> = {
      next: (...sent) => this.#bound(call, cancellation, () => iterator.next(...sent), closeIt),
      return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value },
    };
    if (iterator.throw !== undefined) {
      const inject = iterator.throw.bind(iterator);
      bounded.throw = (error?: unknown) => this.#bound(call, cancellation, () => inject(error), closeIt);
    }
    const release = (): void => {
      cancellation.release();
    };
    stream.whenOver(release);
    return stream.through(bounded);
  }

  /** @param onLate - Told when the time is up. */
  #tell({ operation, id, attempt }: Call): void {
    if (this.sink?.has('timeout') !== true) return;
    const callId = id === undefined ? undefined : { callId: id };
    const at = wallTime(this.clock);
    this.sink.emit('timeout', { type: 'timeout', operation, at, ...callId, attempt, timeout: this.timeoutMs });
  }

  #bound<T>(call: Call, cancellation: CancellationSource, start: () => Promise<T>, onLate?: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const cancelTimer = startTimer(this.clock, this.timeoutMs, () => {
        isLate = true;
        const error = withoutStack(() => new OperationTimeoutError(call.operation, this.timeoutMs));
        this.#tell(call);
        cancellation.abort(error);
        reject(error);
        onLate?.();
      });
      // Within a promise: an iterator may throw where it should reject.
      const running = new Promise<T>((settle) => {
        settle(start());
      });
      running.then(
        (value) => {
          cancelTimer();
          if (isLate && value instanceof OpenStream) void closed(value.iterator);
          resolve(value);
        },
        (error: unknown) => {
          cancelTimer();
          reject(error);
        },
      );
    });
  }
}
