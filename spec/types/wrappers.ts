/** Wrappers give back the type of the function they are given, and refuse what they cannot protect. */
import { expectTypeOf } from 'expect-type';
import {
  circuitBreaker, getPolicies, retry, withBreaker, withBreakerSync, withPipeline, withPolicies, withRetry, Breaker,
  type Counter,
} from '../../lib';
import { Cancellable, Query } from './decorators';

class VideoService {
  readonly server = 'http://127.0.0.1';
}

const fetchUser = async (id: string, fresh = false): Promise<{ id: string; fresh: boolean }> => ({ id, fresh });
const identity = async <T extends { id: string }>(item: T): Promise<T> => item;
async function download(this: VideoService, id: string): Promise<string> {
  return this.server + id;
}
function find(id: string): Promise<string>;
function find(id: number, radix: number): Promise<number>;
function find(id: string | number, _radix?: number): Promise<string | number> {
  return Promise.resolve(id);
}
async function* chunks(count: number): AsyncGenerator<number, string, boolean> {
  const more = yield count;
  return String(more);
}

/** Every wrapper, in every form, as a function from a function to a function. */
const inBreaker = withBreaker(fetchUser, { failureThreshold: 3 });
const inRetry = withRetry(fetchUser, { maxAttempts: 4 });
const inPolicies = withPolicies(fetchUser, { retry: { maxAttempts: 3 }, breaker: { failureThreshold: 5 } });
const inPipeline = withPipeline(fetchUser, [retry({ maxAttempts: 3 }), circuitBreaker({ failureThreshold: 5 })]);
const inList = withPolicies(fetchUser, [retry({ maxAttempts: 3 }), circuitBreaker({ failureThreshold: 5 })]);

expectTypeOf(inBreaker).toExtend<typeof fetchUser>();
expectTypeOf(inRetry).toExtend<typeof fetchUser>();
expectTypeOf(inPolicies).toExtend<typeof fetchUser>();
expectTypeOf(inList).toExtend<typeof fetchUser>();
expectTypeOf(inPipeline).toExtend<typeof fetchUser>();
expectTypeOf(inBreaker).parameters.toEqualTypeOf<[id: string, fresh?: boolean]>();
expectTypeOf(inBreaker).returns.toEqualTypeOf<Promise<{ id: string; fresh: boolean }>>();
expectTypeOf(inBreaker.operation).toEqualTypeOf<string>();
expectTypeOf(inBreaker.breaker).toEqualTypeOf<Breaker | undefined>();
// What has no breaker policy may have a counter in its place.
expectTypeOf(inRetry.breaker).toEqualTypeOf<Breaker | Counter | undefined>();
expectTypeOf(inPolicies.breaker!.state).toExtend<'closed' | 'open' | 'half_open'>();
expectTypeOf(withRetry(inBreaker).breaker!).toExtend<Breaker>();
expectTypeOf(withBreaker(inRetry).breaker!).toExtend<Breaker>();
if (inRetry.breaker instanceof Breaker) expectTypeOf(inRetry.breaker.trip('by hand')).toEqualTypeOf<void>();
expectTypeOf(inBreaker.breakers).toExtend<ReadonlyMap<string, Breaker> | undefined>();
expectTypeOf(inBreaker.pipeline).toExtend<readonly { policy: string; options: object }[]>();
expectTypeOf(inPolicies.operation).toEqualTypeOf<string>();
expectTypeOf(getPolicies(fetchUser)).toExtend<readonly { policy: string; options: object }[] | undefined>();
expectTypeOf(getPolicies(VideoService.prototype, 'server')).toEqualTypeOf(getPolicies(fetchUser));

// @ts-expect-error: the arguments are those of the function
void inBreaker(1);
// @ts-expect-error: the arguments are those of the function
void inRetry('a', 'b');
// @ts-expect-error: the arguments are those of the function
void inPolicies();
// @ts-expect-error: the arguments are those of the function
void inPipeline(true);
// @ts-expect-error: it does not return a promise
withPipeline((text: string) => text.length, [retry()]);
// @ts-expect-error: an object of policies is for withPolicies
withPipeline(fetchUser, { retry: {} });
// @ts-expect-error: what the wrapper tells is not for writing
inBreaker.operation = 'other';

/** Generics stay. */
expectTypeOf(withBreaker(identity)({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{ id: string; size: number }>();
expectTypeOf(withRetry(identity)({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{ id: string; size: number }>();
expectTypeOf(withPolicies(identity, { breaker: {} })({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{
  id: string;
  size: number;
}>();
// @ts-expect-error: the constraint stays
void withBreaker(identity)({ size: 1 });

/** Overloads stay, all of them. */
expectTypeOf(withBreaker(find)('a')).resolves.toEqualTypeOf<string>();
expectTypeOf(withBreaker(find)(1, 10)).resolves.toEqualTypeOf<number>();
expectTypeOf(withRetry(find)('a')).resolves.toEqualTypeOf<string>();
expectTypeOf(withPolicies(find, [retry()])(1, 10)).resolves.toEqualTypeOf<number>();
// @ts-expect-error: this is none of the overloads
void withBreaker(find)(1);

/** A declared `this` stays. */
expectTypeOf(withBreaker(download)).thisParameter.toEqualTypeOf<VideoService>();
expectTypeOf(withRetry(download).call(new VideoService(), 'a')).resolves.toEqualTypeOf<string>();
// @ts-expect-error: `this` is not a VideoService
void withBreaker(download)('a');

/** Streams stay streams. */
expectTypeOf(withBreaker(chunks)).parameters.toEqualTypeOf<[count: number]>();
expectTypeOf(withBreaker(chunks)(1)).toEqualTypeOf<AsyncGenerator<number, string, boolean>>();
expectTypeOf(withRetry(chunks)(1)).toEqualTypeOf<AsyncGenerator<number, string, boolean>>();
expectTypeOf(withPolicies(chunks, { breaker: {} })(1)).toEqualTypeOf<AsyncGenerator<number, string, boolean>>();

/** Properties of the function stay. */
const tagged = Object.assign(async (id: string) => id, { topic: 'videos' as const });
expectTypeOf(withBreaker(tagged).topic).toEqualTypeOf<'videos'>();

/** Inline functions keep the types they declare, and need no annotation for what they return. */
expectTypeOf(withBreaker(async (id: string) => id.length)('a')).resolves.toEqualTypeOf<number>();

/** The synchronous wrapper. */
const parse = (text: string): number => Number(text);
expectTypeOf(withBreakerSync(parse)).toExtend<typeof parse>();
expectTypeOf(withBreakerSync(parse, { failureThreshold: 2 })('1')).toEqualTypeOf<number>();
expectTypeOf(withBreakerSync(parse).operation).toEqualTypeOf<string>();
// A result that extends everything is no promise for that.
expectTypeOf(withBreakerSync((): never => { throw new Error('down'); })).returns.toEqualTypeOf<never>();
expectTypeOf(withBreakerSync(JSON.parse)).toExtend<typeof JSON.parse>();
expectTypeOf(withBreakerSync((() => 1) as any)).toBeCallableWith();
// @ts-expect-error: a function that returns a promise
withBreakerSync(fetchUser);
// @ts-expect-error: no function
withBreakerSync(5);

/** Synchronous functions are refused elsewhere. */
// @ts-expect-error: a synchronous function
withBreaker(parse);
// @ts-expect-error: a synchronous function
withRetry(parse, { maxAttempts: 2 });
// @ts-expect-error: a synchronous function
withPolicies(parse, { breaker: {} });
// @ts-expect-error: a synchronous function
withPolicies(parse, [retry()]);
// @ts-expect-error: a function that is only sometimes asynchronous
withBreaker((id: string): string | Promise<string> => id);
// @ts-expect-error: a function that returns nothing
withBreaker(() => undefined);

/** So is what a plain promise cannot stand for. */
// @ts-expect-error: a custom thenable
withBreaker(() => new Query<string>());
// @ts-expect-error: a custom thenable
withRetry(() => new Query<string>());
// @ts-expect-error: a custom thenable
withPolicies(() => new Query<string>(), { breaker: {} });
const cancellable = withBreaker(() => new Cancellable<string>(() => undefined));
// @ts-expect-error: a promise with methods of its own gives no function, but the reason why
void cancellable();

/** And what is no function. */
// @ts-expect-error: a class
withBreaker(VideoService);
// @ts-expect-error: a class
withPolicies(VideoService, { breaker: {} });
// @ts-expect-error: a promise, which nothing can call again
void withBreaker(Promise.resolve());
// @ts-expect-error: nothing
withRetry(undefined);

// A parameter whose type only its default value tells is inferred as the function itself would have it.
const withDefault = withBreaker(async (id: string, fresh = false) => `${id}${String(fresh)}`, { failureThreshold: 3 });
expectTypeOf(withDefault).toBeCallableWith('7', true);
expectTypeOf(withDefault('7')).toEqualTypeOf<Promise<string>>();
// @ts-expect-error -- fresh is a boolean
void withDefault('7', 3);
