import { abortError } from './abort-error';
import { propertyOf } from './thrown';
import { invoke, type AnyFunction, type Call } from './call';
import { CancellationSource, type Cancellation } from './cancellation';
import type { Driver, Permit, Run } from './policy';
import { Rejection } from './rejection';
import { denied, type Mode } from './run';
import { observed, rejected, whenSettled, type Args, type AttemptObserver, type OnFailure, type OnSuccess, type Runner } from './runner';
import { asText } from './thrown';

/** Who wants to know how a stream ends: the admission of a breaker, or another layer that holds something meanwhile. */
export interface StreamReport {
  /** It ended by itself, with this value. */
  onSuccess(value: unknown): unknown;
  /** Its consumer has enough: a success, without a value to be judged. */
  success(): void;
  /** @returns What the consumer gets instead of the error. */
  failed(error: unknown): unknown;
  ignore(): void;
}

const OPEN_STREAM: unique symbol = Symbol.for('breaker-box.open-stream') as never;

/** A stream that has begun: its first item is there, or it ended without one. */
export class OpenStream {
  /** Marks it for other copies of the package. Its own value, which no answer-all proxy gives by chance. */
  readonly [OPEN_STREAM] = OPEN_STREAM;
  /** Innermost first. */
  #reports: StreamReport[] = [];

  constructor(
    readonly iterator: AsyncIterator<unknown>,
    readonly first: IteratorResult<unknown>,
  ) {}

  /** Whether a result is one, of this copy of the package or of another. Not by `instanceof`, which a result can answer by a throw. */
  static is(result: unknown): result is OpenStream {
    return typeof result === 'object' && result !== null && (#reports in result || propertyOf(result, OPEN_STREAM) === OPEN_STREAM);
  }

  /** Tells `report` how the stream ends, be it now. */
  report(report: StreamReport): void {
    if (this.first.done === true) report.onSuccess(this.first.value);
    else this.#reports.push(report);
  }

  /** Calls `fn` when the stream is over, however it ends. */
  whenOver(fn: () => void): void {
    const failed = (error: unknown): unknown => {
      fn();
      return error;
    };
    this.report({ onSuccess: fn, success: fn, ignore: fn, failed });
  }

  /** The same stream, read through another iterator. */
  through(iterator: AsyncIterator<unknown>): OpenStream {
    const stream = new OpenStream(iterator, this.first);
    stream.#reports = this.#reports;
    return stream;
  }

  ended(value: unknown): void {
    for (const report of this.#take()) report.onSuccess(value);
  }

  /** Its consumer has enough. */
  left(): void {
    for (const report of this.#take()) report.success();
  }

  /** @returns What the consumer gets instead of the error. */
  failed(error: unknown): unknown {
    return this.#take().reduce((outcome, report) => report.failed(outcome), error);
  }

  ignored(): void {
    for (const report of this.#take()) report.ignore();
  }

  #take(): StreamReport[] {
    const reports = this.#reports;
    this.#reports = [];
    return reports;
  }
}

/**
 * Reads a stream with its call around every step, wherever its consumer is: the body of a generator begins with the first
 * `next()`, and each goes on with it.
 */
function inCall(call: Call, stream: AsyncIterable<unknown>): AsyncIterator<unknown> {
  const iterator = invoke(stream[Symbol.asyncIterator], call, stream, []) as AsyncIterator<unknown>;
  const step = (method: AnyFunction, sent: Args) => invoke(method, call, iterator, sent) as Promise<IteratorResult<unknown>>;
  const steps: AsyncIterator<unknown> = { next: (...sent) => step(iterator.next, sent) };
  const { return: leave, throw: inject } = iterator;
  if (leave !== undefined) steps.return = (...value) => step(leave, value);
  if (inject !== undefined) steps.throw = (...error) => step(inject, error);
  return steps;
}

/** What an iterator gave, read once: the layers look at it as well, and one that throws then is a failure of the stream. */
function readItem(item: unknown): IteratorResult<unknown> {
  if (item === null || (typeof item !== 'object' && typeof item !== 'function')) throw new TypeError(`An iterator must give objects, not ${asText(item)}`);
  const { done, value } = item as IteratorResult<unknown>;
  return { done: Boolean(done), value };
}

/**
 * Functions that give streams. A run resolves with the {@link OpenStream} whose first item is there; permits are held to its end.
 */
export const streams: Mode<Run> = {
  call: (fn) => new StreamFunctionRunner(fn),
  guard: (guard, next) => ({
    run(call, self, args) {
      let permit: Permit | undefined;
      try {
        permit = guard.admit(call, self, args);
      } catch (thrown) {
        return rejected(thrown);
      }
      return permit === undefined ? denied(guard, call, self, args, (later) => runHolding(later, next, call, self, args)) : runHolding(permit, next, call, self, args);
    },
  }),
  drive(driver, next, inside) {
    if (driver.eachItem !== true) return driver(next, inside);
    const opened = (stream: unknown, call: Call): unknown => (OpenStream.is(stream) ? stream.through(eachItem(driver, stream.iterator, call)) : stream);
    return driver({ run: (call, self, args) => next.run(call, self, args).then((stream) => opened(stream, call)) }, inside);
  },
};

/** Opens a stream, whose permit ends with it. */
function runHolding(permit: Permit, next: Run, call: Call, self: unknown, args: Args): Promise<unknown> {
  const opened = (stream: unknown): unknown => {
    if (!OpenStream.is(stream)) return permit.success(stream);
    permit.begun?.();
    stream.report({
      onSuccess: permit.success,
      success: () => (permit.leave === undefined ? permit.success(undefined) : permit.leave()),
      ignore: permit.ignore,
      failed(error) {
        const outcome = permit.failure(error);
        return outcome instanceof Rejection ? outcome.reason : error;
      },
    });
    return stream;
  };
  return next.run(permit.call ?? call, self, args).then(opened, permit.failure);
}

/**
 * The items of a stream, each waited for through the driver. A wait that the driver gives up closes the stream.
 *
 * @param call - That with which the driver opened the stream: all items belong to it.
 */
function eachItem(driver: Driver, iterator: AsyncIterator<unknown>, call: Call): AsyncIterator<unknown> {
  const step = (ask: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    let hasFailed = false;
    const run = (): Promise<unknown> =>
      // Within a promise: an iterator may throw where it should reject.
      new Promise((resolve) => {
        resolve(ask());
      }).catch((error: unknown) => {
        hasFailed = true;
        throw error;
      });
    return driver({ run }, [])
      .run(call, undefined, [])
      .catch((error: unknown) => {
        if (!hasFailed) void closed(iterator);
        throw error;
      }) as Promise<IteratorResult<unknown>>;
  };
  const { throw: inject } = iterator;
  return {
    next: (...sent) => step(() => iterator.next(...sent)),
    return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value },
    ...(inject !== undefined && { throw: (error?: unknown) => step(() => inject.call(iterator, error)) }),
  };
}

/** Closes a stream that opened when nobody waited for it any more; what it held is given back. */
export function discardStream(stream: unknown): void {
  if (!OpenStream.is(stream)) return;
  stream.ignored();
  void closed(stream.iterator);
}

/** The innermost layer of a streaming operation: calls the function and waits for the first item, as an {@link OpenStream}. */
export class StreamFunctionRunner implements Runner {
  constructor(
    private readonly fn: AnyFunction,
    private readonly observer?: AttemptObserver,
  ) {}

  run(call: Call, self: unknown, args: Args, onSuccess?: OnSuccess, onFailure?: OnFailure): Promise<unknown> {
    let opening: Promise<unknown>;
    call.retried?.disposeLeftover();
    try {
      const iterator = inCall(call, invoke(this.fn, call, self, args) as AsyncIterable<unknown>);
      const first = iterator.next();
      const open = (item: unknown): OpenStream => new OpenStream(iterator, readItem(item));
      opening = call.watch === undefined ? whenSettled(first, open) : observed(first, call, this.observer).then(open);
    } catch (thrown) {
      return rejected(thrown, onFailure);
    }
    return opening.then(onSuccess, onFailure);
  }

  blockedForMs(): number {
    return 0;
  }
}

const NEVER_BEGUN = 'The consumer of the stream returned before its first item';

/**
 * A stream as its consumer sees it. The pipeline runs at the first `next()`, until the first item is there: up to then
 * the stream can be tried again. The layers learn its outcome at its end, at a throw, or when the consumer returns early.
 */
export class ProtectedStream implements AsyncIterableIterator<unknown, unknown, unknown> {
  readonly #open: (closing: CancellationSource) => Promise<unknown>;
  readonly #around: Cancellation | undefined;
  /** What ends the opening. It follows the call around from the first `next()` on: a stream may be made and never read. */
  #closing: CancellationSource | undefined;
  #opening: Promise<OpenStream> | undefined;
  #opened: OpenStream | undefined;
  /** The consumer has returned or thrown, or the stream has ended. */
  #over = false;

  /**
   * @param open - Runs the pipeline, to an {@link OpenStream}.
   * @param around - What can end the call around it.
   */
  constructor(open: (closing: Cancellation) => Promise<unknown>, around: Cancellation | undefined) {
    this.#open = open;
    this.#around = around;
  }

  async next(...sent: [] | [unknown]): Promise<IteratorResult<unknown>> {
    if (this.#over) return done(undefined);
    if (this.#opening === undefined) return this.#begin();
    // A stream that fails before its first item fails once, for the `next()` that began it.
    const stream = this.#opened ?? (await this.#opening.catch(() => undefined));
    return this.#over || stream === undefined ? done(undefined) : this.#follow(stream, () => stream.iterator.next(...sent));
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    const result = await value;
    if (this.#over || this.#opening === undefined) {
      this.#end();
      return done(result);
    }
    this.#over = true;
    const stream = this.#opened;
    if (stream === undefined) {
      this.#closing?.abort(abortError(NEVER_BEGUN));
      await this.#opening.catch(() => undefined);
      return done(result);
    }
    try {
      const answer = (await stream.iterator.return?.(result)) ?? done(result);
      stream.left();
      if (answer.done === true) this.#end();
      else this.#over = false;
      return answer;
    } catch (error) {
      this.#end();
      throw stream.failed(error);
    }
  }

  async throw(thrown?: unknown): Promise<IteratorResult<unknown>> {
    const stream = this.#opened ?? (this.#over ? undefined : await this.#opening);
    if (stream === undefined || this.#over) {
      this.#end();
      throw thrown;
    }
    const { iterator } = stream;
    if (iterator.throw === undefined) {
      this.#end();
      await closed(iterator);
      stream.ignored();
      throw thrown;
    }
    const inject = iterator.throw.bind(iterator);
    return this.#follow(stream, () => inject(thrown), thrown);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #begin(): Promise<IteratorResult<unknown>> {
    this.#closing = new CancellationSource(this.#around);
    this.#opening = this.#open(this.#closing) as Promise<OpenStream>;
    try {
      const stream = await this.#opening;
      if (this.#over) {
        // The consumer returned before the first item came: it says nothing about the dependency.
        stream.ignored();
        await stream.iterator.return?.();
        return done(undefined);
      }
      this.#opened = stream;
      if (stream.first.done === true) this.#end();
      return stream.first;
    } catch (error) {
      if (this.#over) return done(undefined);
      this.#end();
      throw error;
    }
  }

  /** Passes an answer of the stream on, and reports when it is the last. */
  async #follow(
    stream: OpenStream,
    ask: () => Promise<IteratorResult<unknown>>,
    injected?: unknown,
  ): Promise<IteratorResult<unknown>> {
    try {
      const item = await ask();
      if (item.done === true) {
        this.#end();
        stream.ended(item.value);
      }
      return item;
    } catch (error) {
      this.#end();
      // The consumer's own error, thrown into the stream and back, says nothing about the dependency.
      if (injected !== undefined && error === injected) {
        stream.ignored();
        throw error;
      }
      throw stream.failed(error);
    }
  }

  /** Leaves nothing behind on the call around it. */
  #end(): void {
    this.#over = true;
    this.#closing?.release();
  }
}

// `await using` came after Node 20.16: the method is there where its symbol is.
const { asyncDispose } = Symbol as { asyncDispose?: symbol };
if (asyncDispose !== undefined) {
  Object.defineProperty(ProtectedStream.prototype, asyncDispose, {
    value(this: ProtectedStream) {
      return this.return().then(() => undefined);
    },
  });
}

/** Closes an iterator that is read no more: it may hold a connection. Nobody waits for the errors of that. */
export async function closed(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // what ended the stream is what its consumer learns
  }
}

function done(value: unknown): IteratorReturnResult<unknown> {
  return { done: true, value };
}

const asyncGeneratorFunction = Object.getPrototypeOf(async function* () {
  // Only its prototype is wanted.
}) as object;

/** Whether a function is a native async generator; one that a compiler has down-levelled does not show it. */
export function isAsyncGeneratorFunction(fn: AnyFunction): boolean {
  return (
    Object.prototype.isPrototypeOf.call(asyncGeneratorFunction, fn) ||
    Object.prototype.toString.call(fn) === '[object AsyncGeneratorFunction]'
  );
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
