import { invoke, type AnyFunction, type Args, type Call } from './call';
import { ignoreRejection, nothing } from './call-safely';
import { abortError, CancellationSource, type Cancellation } from './cancellation';
import { ConfigurationError } from './errors';
import { Refusal, type Driver, type Guard, type LayerContext, type Permit, type Run } from './policy';
import { promises, Rejection, rejected, type Mode } from './run';
import { propertyOf } from './safe-inspect';

type Item = IteratorResult<unknown>;

type Method = 'next' | 'throw' | 'return';

const OPEN_STREAM: unique symbol = Symbol.for('breaker-box.open-stream') as never;

/** A stream whose first item is there, or which ended without one. Permits are held to its end. */
export class OpenStream {
  /** Marks it for other copies of the package. Its own value, which no answer-all proxy gives by chance. */
  readonly [OPEN_STREAM] = OPEN_STREAM;
  /** Innermost first. */
  readonly #permits: Permit[] = [];

  /**
   * @param call - In which its function runs.
   * @param cancellation - That of the call.
   */
  constructor(
    readonly first: Item,
    readonly iterator: AsyncIterator<unknown>,
    readonly call: Call,
    readonly cancellation: CancellationSource,
  ) {
    if (first.done === true) cancellation.release();
  }

  /** Whether a result is one, of this copy of the package or of another. Not by `instanceof`, which a result can answer by a throw. */
  static is(result: unknown): result is OpenStream {
    return typeof result === 'object' && propertyOf(result, OPEN_STREAM) === OPEN_STREAM;
  }

  /**
   * Asks the iterator with its call around every step, wherever its consumer is: the body of a generator goes on with each. Drivers of items replace it.
   *
   * @param _step - The call of the driver that asks; absent: the stream's own.
   */
  // Async: an iterator may throw where it should reject.
  ask = async (method: Method, sent: Args, _step?: Call): Promise<Item> => {
    const { call, iterator } = this;
    const fn = iterator[method] as AnyFunction | undefined;
    if (method !== 'return') return (await invoke(fn as AnyFunction, call, iterator, sent)) as Item;
    return ((fn && (await invoke(fn, call, iterator, sent))) ?? done(sent[0])) as Item;
  };

  /** Closes a stream that is read no more: it may hold a connection. Nobody waits for the errors of that. */
  async close(): Promise<void> {
    await this.ask('return', []).catch(nothing);
  }

  /** Ends `permit` when the stream ends, be it now. */
  hold(permit: Permit): this {
    permit.begun?.();
    if (this.first.done === true) permit.success(this.first.value);
    else this.#permits.push(permit);
    return this;
  }

  /** The stream is over. Where the end of a permit throws, the stream has failed for the permits further out. */
  end(how: 'success' | 'leave' | 'ignore', value?: unknown): void {
    this.#endEach((permit) => {
      try {
        void permit[permit[how] === undefined ? 'success' : how]!(value);
      } catch (thrown) {
        throw this.failed(thrown);
      }
    });
  }

  /** @returns What the consumer gets instead of the error. */
  failed(error: unknown): unknown {
    let reason = error;
    this.#endEach(({ failure }) => {
      try {
        const outcome = failure(reason);
        if (outcome instanceof Rejection) reason = outcome.reason;
      } catch (thrown) {
        reason = thrown;
      }
    });
    return reason;
  }

  #endEach(end: (permit: Permit) => void): void {
    this.cancellation.release();
    for (let permit = this.#permits.shift(); permit !== undefined; permit = this.#permits.shift()) end(permit);
  }
}

/** Calls `fn` when a stream is over, however it ends. */
export function whenOver(stream: OpenStream, fn: () => void): void {
  const failure = (error: unknown): Rejection => {
    fn();
    return new Rejection(error);
  };
  stream.hold({ success: fn, failure, ignore: fn });
}

/** Functions that give streams. A run resolves with the {@link OpenStream} whose first item is there; permits are held to its end. */
export const streams: Mode = {
  call: (fn) => ({ run: (call, self, args) => open(fn, call, self, args) }),
  refuse: rejected,
  guard: (guard, next) => promises.guard(holding(guard), next),
  drive(driver, next, inside) {
    const opening = driver(next, inside);
    return driver.streamed?.(opening) ?? opening;
  },
};

/** A guard whose permits end with the stream. */
function holding(guard: Guard): Guard {
  const held = (permit: Permit): Permit => ({
    call: permit.call,
    success: (stream) => (OpenStream.is(stream) ? stream.hold(permit) : permit.success(stream)),
    failure: permit.failure,
    ignore: () => {
      permit.ignore();
    },
  });
  return {
    admit(call, self, args) {
      const permit = guard.admit(call, self, args);
      return permit && held(permit);
    },
    deny(call, self, args) {
      const answer = guard.deny(call, self, args);
      return answer instanceof Refusal ? answer : answer.then((later) => (later instanceof Refusal ? later : held(later)));
    },
  };
}

/** A driver that in a stream applies to the wait for each item, not for the first only. */
export function eachItem(driver: Driver): Driver {
  const streamed = (opening: Run): Run => ({
    run: (call, self, args) =>
      opening.run(call, self, args).then((stream) => {
        if (OpenStream.is(stream)) driveItems(driver, stream, call);
        return stream;
      }),
  });
  return Object.assign(driver, { eachItem: true, streamed });
}

/** Waits for each further item of a stream through a driver. */
function driveItems(driver: Driver, stream: OpenStream, call: Call): void {
  const { ask, cancellation } = stream;
  const item: Run = {
    async run(inner, _self, [method, sent]) {
      const unfollow = cancellation.follow(inner.cancellation);
      if (inner.limit !== undefined) stream.call.limit = inner.limit;
      try {
        return await ask(method as Method, sent as Args, inner);
      } finally {
        unfollow();
      }
    },
  };
  const items = driver(item, []);
  // The driver's call of the opening is over, and what it followed would be lost.
  cancellation.follow(call.cancellation);
  stream.ask = (method, sent, outer = call) => {
    if (method === 'return') return ask(method, sent);
    return items.run(outer, undefined, [method, sent]).catch((error: unknown) => {
      // The driver may have given up an item that is still to come.
      void stream.close();
      throw error;
    }) as Promise<Item>;
  };
}

/** Calls the function and waits for the first item. */
async function open(fn: AnyFunction, outer: Call, self: unknown, args: Args): Promise<OpenStream> {
  outer.retried?.disposeLeftover();
  const cancellation = new CancellationSource(outer.cancellation);
  const call = outer.as(outer.attempt, cancellation);
  try {
    const iterable = invoke(fn, call, self, args) as AsyncIterable<unknown>;
    const iterator = invoke(iterable[Symbol.asyncIterator], call, iterable, []) as AsyncIterator<unknown>;
    const stream = new OpenStream(readItem(await invoke(iterator.next, call, iterator, [])), iterator, call, cancellation);
    // The source is aborted a microtask after what it follows may be.
    const { aborted, reason } = outer.cancellation?.aborted === true ? outer.cancellation : cancellation;
    if (!aborted) return stream;
    // Who gave the run up reads no stream, and ends no permit.
    await stream.close();
    throw reason;
  } catch (error) {
    cancellation.release();
    throw error;
  }
}

/** What an iterator gave, read once: the layers look at it as well, and one that throws then is a failure of the stream. */
function readItem(item: unknown): Item {
  if (Object(item) !== item) throw new TypeError('An iterator must give objects');
  const { done, value } = item as Item;
  return { done: Boolean(done), value };
}

function done(value: unknown): IteratorReturnResult<unknown> {
  return { done: true, value };
}

/** Whether a function is a native async generator; one that a compiler has down-levelled does not show it. */
export function isAsyncGeneratorFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncGeneratorFunction]';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}

const ASYNC_DISPOSE: unique symbol = ((Symbol as { asyncDispose?: symbol }).asyncDispose ?? /* @__PURE__ */ Symbol()) as never;

/** A stream as its consumer sees it. */
export interface ProtectedStream extends AsyncIterableIterator<unknown, unknown, unknown> {
  next(sent?: unknown): Promise<Item>;
  return(value?: unknown): Promise<Item>;
  throw(thrown?: unknown): Promise<Item>;
  /** For `await using`, whose symbol came after Node 20.16; without it, this is a method that nobody calls. */
  [ASYNC_DISPOSE](): Promise<void>;
}

/**
 * A stream that is protected. The pipeline runs at the first `next()`, until the first item is there: up to then the stream can be tried again.
 * Permits end with the stream, at a throw, or when the consumer returns early. A consumer that leaves while an item is awaited does not wait for it.
 *
 * @param open - Runs the pipeline, to an {@link OpenStream}.
 * @param around - What can end the call around it.
 */
export function protectedStream(open: (closing: Cancellation) => Promise<unknown>, around: Cancellation | undefined): ProtectedStream {
  /** Cancels the call of the stream. It follows the call around from the first `next()` on: a stream may be made and never read. */
  let closing: CancellationSource | undefined;
  let stream: OpenStream | undefined;
  /** Requests whose answers are awaited; a `return` is none of them. */
  let awaited = 0;
  let isLeft = false;
  /** Whether it was left while an item was awaited. The answer to that is dropped; permits are held until the iterator is closed. */
  let isAbandoned = false;

  const end: OpenStream['end'] = (how, value) => {
    closing!.release();
    stream!.end(how, value);
  };
  const ask = async (method: Method, sent: unknown): Promise<Item> => {
    try {
      let item: Item;
      if (stream === undefined) {
        closing = new CancellationSource(around);
        stream = (await open(closing)) as OpenStream;
        item = stream.first;
        // Its consumer may have left when the first item was there already, and on its way.
        if (isAbandoned) await stream.close();
        if (isAbandoned) end('ignore');
      } else if (method === 'throw' && stream.iterator.throw === undefined) {
        await stream.close();
        throw sent;
      } else item = await stream.ask(method, [method === 'return' ? await sent : sent]);
      if (isAbandoned) return done(undefined);
      if (method === 'return') end('leave');
      else if (item.done === true) end('success', item.value);
      return item;
    } catch (error) {
      if (isAbandoned) return done(undefined);
      // The consumer's own error, thrown into the stream and back, says nothing about the dependency.
      if (method === 'throw' && error === sent) end('ignore');
      closing!.release();
      throw stream === undefined ? error : stream.failed(error);
    }
  };
  const reader: AsyncIterator<unknown, unknown, unknown> = {
    next: (sent) => ask('next', sent),
    return: (value) => ask('return', value),
    throw: (thrown) => ask('throw', thrown),
  };
  let items = inOrder(reader);

  const awaiting = (item: Promise<Item>): Promise<Item> => {
    const settled = (): void => {
      awaited--;
    };
    awaited++;
    item.then(settled, settled);
    return item;
  };
  /** Leaves the stream when an item is awaited: aborts its call, and what is asked from now on does not wait for it. */
  const abandon = (how: 'leave' | 'ignore'): void => {
    if (awaited === 0 || isLeft) return;
    isLeft = isAbandoned = true;
    items = inOrder({ next: async () => done(undefined) });
    closing?.abort(abortError('The consumer of the stream has left'));
    const opened = stream;
    void opened?.close().then(() => { opened.end(how); }).catch(nothing);
  };

  return {
    next: (sent) => awaiting(items.next(sent)),
    return(value) {
      abandon('leave');
      isLeft = true;
      const answer = items.return(value);
      // An iterator may refuse to be left.
      answer.then((item) => {
        isLeft = item.done === true;
      }, nothing);
      return answer;
    },
    throw(thrown) {
      abandon('ignore');
      return awaiting(items.throw(thrown));
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [ASYNC_DISPOSE]() {
      await this.return();
    },
  };
}

/** Answers requests in their order, and none before the first `next()` or after the end, as a generator does. */
async function* inOrder(iterator: AsyncIterator<unknown, unknown, unknown>): AsyncGenerator<unknown, unknown, unknown> {
  return yield* { [Symbol.asyncIterator]: () => iterator };
}

/**
 * A function that answers in place of the protected one, as an innermost layer.
 *
 * @param role - As errors name it: `use of the fallback`.
 */
export function substitute(fn: AnyFunction, role: string, { operation, isStream }: Pick<LayerContext, 'operation' | 'isStream'>): Run {
  if (!isStream) return promises.call(fn);
  return streams.call(function (this: unknown, ...args) {
    const answer = fn.apply(this, args);
    if (isAsyncIterable(answer)) return answer;
    ignoreRejection(answer);
    const message = 'must give an async iterable, as the function does in whose place it answers';
    throw new ConfigurationError(operation, [{ path: role, message, received: answer }], operation);
  });
}
