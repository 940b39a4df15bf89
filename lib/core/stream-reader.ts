import { abortError, CancellationSource, type Cancellation } from './cancellation';
import { nothing } from './call-safely';
import type { Permit } from './policy';
import { done, type Item, type OpenStream } from './stream';

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
  const reader = readerOf(open, around);
  let items = inOrder(reader);
  let awaited = 0;
  let isLeft = false;

  const awaiting = (item: Promise<Item>): Promise<Item> => {
    const settled = (): void => {
      awaited--;
    };
    awaited++;
    item.then(settled, settled);
    return item;
  };
  /** Leaves the stream when an item is awaited: what is asked from now on does not wait for it. */
  const abandon = (finish: (permit: Permit) => void): void => {
    if (awaited === 0 || isLeft) return;
    isLeft = true;
    items = inOrder({ next: async () => done(undefined) });
    reader.abandon(finish);
  };

  return {
    next: (sent) => awaiting(items.next(sent)),
    return(value) {
      abandon(leave);
      isLeft = true;
      const answer = items.return(value);
      // An iterator may refuse to be left.
      answer.then((item) => {
        isLeft = item.done === true;
      }, nothing);
      return answer;
    },
    throw(thrown) {
      abandon(ignore);
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

interface Reader extends AsyncIterator<unknown, unknown, unknown> {
  /** Aborts the call of the item that is awaited; its answer is dropped. Permits are held until the iterator is closed. */
  abandon(finish: (permit: Permit) => void): void;
}

/** Opens a stream and reads it, one request at a time. */
function readerOf(open: (closing: Cancellation) => Promise<unknown>, around: Cancellation | undefined): Reader {
  /** Cancels the call of the stream. It follows the call around from the first `next()` on: a stream may be made and never read. */
  let closing: CancellationSource | undefined;
  let stream: OpenStream | undefined;
  let isAbandoned = false;

  const end = (finish: (permit: Permit) => void): void => {
    closing!.release();
    stream?.end(finish);
  };
  /** @returns What the consumer gets instead of the error. */
  const failed = (error: unknown): unknown => {
    closing!.release();
    return stream!.failed(error);
  };
  const begin = async (): Promise<Item> => {
    closing = new CancellationSource(around);
    try {
      stream = (await open(closing)) as OpenStream;
      // Its consumer may have left when the first item was there already, and on its way.
      if (isAbandoned) await stream.close();
      if (isAbandoned || stream.first.done === true) end(ignore);
      if (!isAbandoned) return stream.first;
    } catch (error) {
      end(ignore);
      if (!isAbandoned) throw error;
    }
    return done(undefined);
  };
  const ask = async (opened: OpenStream, method: 'next' | 'throw', sent: unknown): Promise<Item> => {
    try {
      const item = await opened.ask(undefined, method, [sent]);
      if (isAbandoned) return done(undefined);
      const { value } = item;
      if (item.done === true) end(({ success }) => { success(value); });
      return item;
    } catch (error) {
      if (isAbandoned) return done(undefined);
      // The consumer's own error, thrown into the stream and back, says nothing about the dependency.
      if (method === 'throw' && error === sent) end(ignore);
      throw failed(error);
    }
  };

  return {
    next: (sent) => (stream === undefined ? begin() : ask(stream, 'next', sent)),
    async return(value) {
      try {
        const answer = await stream!.ask(undefined, 'return', [await value]);
        end(leave);
        return answer;
      } catch (error) {
        throw failed(error);
      }
    },
    async throw(thrown) {
      if (stream!.iterator.throw !== undefined) return ask(stream!, 'throw', thrown);
      await stream!.close();
      end(ignore);
      throw thrown;
    },
    abandon(finish) {
      const opened = stream;
      isAbandoned = true;
      closing?.abort(abortError('The consumer of the stream has left'));
      void opened?.close().then(() => { opened.end(finish); }).catch(nothing);
    },
  };
}

function leave(permit: Permit): void {
  if (permit.leave === undefined) permit.success(undefined);
  else permit.leave();
}

function ignore(permit: Permit): void {
  permit.ignore();
}
