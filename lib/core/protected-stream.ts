import { nothing } from './call-safely';
import { abortError, CancellationSource, type Cancellation } from './cancellation';
import { done, type Item, type Method, type OpenStream } from './stream';

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
    stream?.end(how, value);
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
      } else item = await stream.ask(method, method === 'return' ? await sent : sent);
      if (isAbandoned) return done();
      if (method === 'return') end('leave');
      else if (item.done === true) end('success', item.value);
      return item;
    } catch (error) {
      if (isAbandoned) return done();
      // The consumer's own error, thrown into the stream and back, says nothing about the dependency.
      if (method === 'throw' && error === sent) end('ignore');
      else end('failure', error);
      throw error;
    }
  };
  let items = inOrder({
    next: (sent) => ask('next', sent),
    return: (value) => ask('return', value),
    throw: (thrown) => ask('throw', thrown),
  });

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
    items = inOrder({ next: async () => done() });
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
