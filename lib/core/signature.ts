/** Parts of a function's type, for callbacks that look at its calls. Of an overloaded function, the last signature counts. */

// What nothing is known of may be declared as anything.
/* eslint-disable @typescript-eslint/no-explicit-any */

/** The arguments of `F`; any, where `F` is not known. */
export type ArgsOf<F> = 0 extends 1 & F ? any[] : F extends (...args: infer Args) => unknown ? Args : any[];

/** What a call of `F` comes to; of a generator, what it returns. Any, where that is not known. */
export type ValueOf<F> = F extends (...args: never[]) => infer R ? (unknown extends Settled<R> ? any : Settled<R>) : any;

type Settled<R> = [R] extends [AsyncIterable<unknown>] ? Returned<R> : Awaited<R>;
type Returned<Stream> = Stream extends AsyncGenerator<unknown, infer R, never> ? R : unknown;

/** What may stand for a result: the value itself or a promise of it; of a stream, another stream of such items. */
export type AnswerFor<R> = [R] extends [AsyncIterable<infer Item>] ? AsyncIterable<Item> : Awaited<R> | PromiseLike<Awaited<R>>;
