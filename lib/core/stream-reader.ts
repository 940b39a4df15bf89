import type { Args } from './call';
import { abortError } from './abort-error';
import { CancellationSource, type Cancellation } from './cancellation';
import { done, type Item, type OpenStream } from './stream';

const ASYNC_DISPOSE: unique symbol = ((Symbol as { asyncDispose?: symbol }).asyncDispose ?? /* @__PURE__ */ Symbol()) as never;
const IDLE = /* @__PURE__ */ Promise.resolve();

/**
 * A stream as its consumer sees it. The pipeline runs at the first `next()`, until the first item is there: up to then the stream can be tried again.
 * Permits end with the stream, at a throw, or when the consumer returns early. Requests are answered in their order, as a generator answers them; but
 * a consumer that leaves while an item is awaited does not wait for it.
 */
export class ProtectedStream implements AsyncIterableIterator<unknown, unknown, unknown> {
  readonly #open: (closing: Cancellation) => Promise<unknown>;
  readonly #around: Cancellation | undefined;
  /** Cancels its call. It follows the call around from the first `next()` on: a stream may be made and never read. */
  #closing: CancellationSource | undefined;
  #stream: OpenStream | undefined;
  /** Settles with the last request, without a rejection. */
  #last: Promise<unknown> = IDLE;
  #requests = 0;
  /** The consumer has returned or thrown, or the stream has ended. */
  #isOver = false;

  /**
   * @param open - Runs the pipeline, to an {@link OpenStream}.
   * @param around - What can end the call around it.
   */
  constructor(open: (closing: Cancellation) => Promise<unknown>, around: Cancellation | undefined) {
    this.#open = open;
    this.#around = around;
  }

  next(...sent: [] | [unknown]): Promise<Item> {
    return this.#request(async () => {
      if (this.#isOver) return done(undefined);
      return this.#stream === undefined ? this.#begin() : this.#ask(this.#stream, 'next', sent);
    });
  }

  return(value?: unknown): Promise<Item> {
    if (this.#isLeft()) {
      this.#abandon((stream) => { stream.left(); });
      return this.#request(async () => done(await value));
    }
    const wasOver = this.#isOver;
    this.#isOver = true;
    return this.#request(() => this.#leave(wasOver ? undefined : this.#stream, value));
  }

  throw(thrown?: unknown): Promise<Item> {
    if (this.#isLeft()) this.#abandon((stream) => { stream.ignored(); });
    return this.#request(() => this.#inject(thrown));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For `await using`, whose symbol came after Node 20.16; without it, this is a method that nobody calls. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.return();
  }

  /** Runs a request when those before it are answered. */
  #request(answer: () => Promise<Item>): Promise<Item> {
    const item = this.#requests++ === 0 ? answer() : this.#last.then(answer);
    const settled = (): void => {
      this.#requests--;
    };
    this.#last = item.then(settled, settled);
    return item;
  }

  /** Whether a consumer that leaves now leaves while an item is awaited. */
  #isLeft(): boolean {
    return this.#requests > 0 && !this.#isOver;
  }

  /** Aborts the call of the item that is awaited; its answer is dropped. Permits are held until the iterator is closed. */
  #abandon(end: (stream: OpenStream) => void): void {
    const stream = this.#stream;
    this.#isOver = true;
    this.#last = IDLE;
    this.#closing?.abort(abortError('The consumer of the stream has left'));
    if (stream === undefined) return;
    void stream.close().then(() => { end(stream); });
  }

  async #begin(): Promise<Item> {
    this.#closing = new CancellationSource(this.#around);
    try {
      const stream = (await this.#open(this.#closing)) as OpenStream;
      this.#stream = stream;
      if (this.#isOver) {
        // Its consumer left when the first item was there already, and on its way.
        await stream.close();
        stream.ignored();
        return done(undefined);
      }
      if (stream.first.done === true) this.#end();
      return stream.first;
    } catch (error) {
      if (this.#isOver) return done(undefined);
      this.#end();
      throw error;
    }
  }

  /** @param injected - What the consumer throws into it. */
  async #ask(stream: OpenStream, method: 'next' | 'throw', sent: Args, injected?: unknown): Promise<Item> {
    try {
      const item = await stream.ask(undefined, method, sent);
      if (this.#isOver) return done(undefined);
      if (item.done === true) {
        this.#end();
        stream.succeeded(item.value);
      }
      return item;
    } catch (error) {
      if (this.#isOver) return done(undefined);
      this.#end();
      if (injected === undefined || error !== injected) throw stream.failed(error);
      // The consumer's own error, thrown into the stream and back, says nothing about the dependency.
      stream.ignored();
      throw error;
    }
  }

  async #leave(stream: OpenStream | undefined, value: unknown): Promise<Item> {
    try {
      const result = await value;
      if (stream === undefined) return done(result);
      const answer = await stream.ask(undefined, 'return', [result]);
      stream.left();
      this.#isOver = answer.done === true;
      return answer;
    } catch (error) {
      throw stream === undefined ? error : stream.failed(error);
    } finally {
      if (this.#isOver) this.#end();
    }
  }

  async #inject(thrown: unknown): Promise<Item> {
    const stream = this.#stream;
    if (stream !== undefined && !this.#isOver) {
      if (stream.takesThrows) return this.#ask(stream, 'throw', [thrown], thrown);
      await stream.close();
      stream.ignored();
    }
    this.#end();
    throw thrown;
  }

  /** Leaves nothing behind on the call around it. */
  #end(): void {
    this.#isOver = true;
    this.#closing?.release();
  }
}


