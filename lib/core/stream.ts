import { invoke, type AnyFunction, type Args, type Call } from './call';
import { ignoreRejection, nothing } from './call-safely';
import { CancellationSource } from './cancellation';
import { invalid } from './errors';
import { Refusal, type Driver, type Guard, type LayerContext, type Permit, type Run } from './policy';
import { promises, Rejection, rejected, type Mode } from './run';
import { propertyOf } from './safe-inspect';

export type Item = IteratorResult<unknown>;

export type Method = 'next' | 'throw' | 'return';

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
  ask = async (method: Method, sent?: unknown, _step?: Call): Promise<Item> => {
    const { call, iterator } = this;
    // An iterator need not have `return`, and one that is left need not answer.
    const answer = await (iterator[method] && invoke(iterator[method], call, iterator, [sent]));
    return method === 'return' ? ((answer ?? done(sent)) as Item) : itemOf(answer);
  };

  /** Closes a stream that is read no more: it may hold a connection. Nobody waits for the errors of that. */
  async close(): Promise<void> {
    await this.ask('return').catch(nothing);
  }

  /** Ends `permit` when the stream ends, be it now. */
  hold(permit: Permit): this {
    permit.begun?.();
    if (this.first.done === true) permit.success(this.first.value);
    else this.#permits.push(permit);
    return this;
  }

  /**
   * The stream is over: ends its permits, innermost first. Where the end of one throws, the stream has failed for those further out.
   *
   * @throws The error of a failed stream, as its permits pass it on.
   */
  end(how: 'success' | 'leave' | 'ignore' | 'failure', value?: unknown): void {
    let failed = how === 'failure';
    let result = value;
    this.cancellation.release();
    for (const permit of this.#permits.splice(0)) {
      try {
        const outcome = failed ? permit.failure(result) : permit[permit[how] === undefined ? 'success' : how]!(result);
        if (failed && outcome instanceof Rejection) result = outcome.reason;
      } catch (thrown) {
        failed = true;
        result = thrown;
      }
    }
    if (failed) throw result;
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

function held(permit: Permit): Permit {
  return {
    call: permit.call,
    success: (stream) => (OpenStream.is(stream) ? stream.hold(permit) : permit.success(stream)),
    failure: permit.failure,
    ignore: () => {
      permit.ignore();
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
        return await ask(method as Method, sent, inner);
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
    const stream = new OpenStream(itemOf(await invoke(iterator.next, call, iterator, [])), iterator, call, cancellation);
    if (outer.cancellation?.aborted !== true) return stream;
    // Who gave the run up reads no stream, and ends no permit.
    await stream.close();
    throw outer.cancellation.reason;
  } catch (error) {
    cancellation.release();
    throw error;
  }
}

/** The answer of an iterator, read once: the layers look at it as well, and one that throws then is a failure of the stream. */
function itemOf(answer: unknown): Item {
  if (Object(answer) !== answer) throw new TypeError('An iterator must give objects');
  const { done, value } = answer as Item;
  return { done: Boolean(done), value };
}

export function done(value?: unknown): IteratorReturnResult<unknown> {
  return { done: true, value };
}

/** Whether a function is a native async generator; one that a compiler has down-levelled does not show it. */
export function isAsyncGeneratorFunction(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncGeneratorFunction]';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator] === 'function';
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
    throw invalid(operation, role, answer, message, operation);
  });
}
