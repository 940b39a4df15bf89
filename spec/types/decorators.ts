/**
 * What every decorator accepts and refuses at compile time, in syntax that both standards share. `tsconfig.json` checks
 * this file as TC39 decorators; `decorators.legacy.ts` imports it, so `tsconfig.legacy.json` checks it as legacy ones.
 */
import { expectTypeOf } from 'expect-type';
import { CircuitBreaker, Resilient, Retry } from '../../lib';

const SYMBOL = Symbol('download');

export class Accepted {
  readonly source = 'videos';

  @CircuitBreaker
  async bare(id: string): Promise<string> {
    return id;
  }

  @Retry
  async bareRetry(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  async emptyParentheses(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker({ failureThreshold: 3, recoveryTimeout: '60s' })
  async withOptions(id: string): Promise<string> {
    return id;
  }

  @Resilient({ retry: { maxAttempts: 3 }, breaker: { failureThreshold: 5 } })
  async severalPolicies(id: string): Promise<string> {
    return id;
  }

  @Retry({ maxAttempts: 5, baseDelay: '1s' })
  @CircuitBreaker
  async stacked(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  static async ofTheClass(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker
  static async bareOfTheClass(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  protected async ofSubclasses(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker
  protected async bareOfSubclasses(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  async [SYMBOL](id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  async generic<T extends { id: string }>(item: T): Promise<T> {
    return item;
  }

  @CircuitBreaker
  async bareGeneric<T extends { id: string }>(item: T): Promise<T> {
    return item;
  }

  overloaded(id: string): Promise<string>;
  overloaded(id: number): Promise<number>;
  @CircuitBreaker()
  async overloaded(id: string | number): Promise<string | number> {
    return id;
  }

  bareOverloaded(id: string): Promise<string>;
  bareOverloaded(id: number): Promise<number>;
  @CircuitBreaker
  async bareOverloaded(id: string | number): Promise<string | number> {
    return id;
  }

  @CircuitBreaker()
  async declaredThis(this: Accepted, id: string): Promise<string> {
    return this.source + id;
  }

  @CircuitBreaker
  async bareDeclaredThis(this: Accepted, id: string): Promise<string> {
    return this.source + id;
  }

  @CircuitBreaker()
  optionalAndRest(id?: string, ...tags: string[]): Promise<string> {
    return Promise.resolve([id, ...tags].join());
  }

  @CircuitBreaker()
  promiseLike(id: string): PromiseLike<string> {
    return Promise.resolve(id);
  }

  @CircuitBreaker()
  async *generator(count: number): AsyncGenerator<number, string, boolean> {
    const more = yield count;
    return String(more);
  }

  @CircuitBreaker
  async *bareGenerator(count: number): AsyncGenerator<number> {
    yield count;
  }

  @CircuitBreaker({ stream: true })
  iterable(): AsyncIterable<number> {
    return this.bareGenerator(1);
  }

  @Retry()
  async nothing(): Promise<void> {}
}

export abstract class Contract {
  abstract download(id: string): Promise<string>;

  async upload(id: string): Promise<string> {
    return id;
  }
}

export class Implementation extends Contract {
  @CircuitBreaker()
  async download(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  override async upload(id: string): Promise<string> {
    return super.upload(id);
  }
}

/** A decorated member keeps its type: a decorator cannot change it, and must not need to. */
const accepted = new Accepted();
expectTypeOf(accepted.generic({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{ id: string; size: number }>();
expectTypeOf(accepted.overloaded('a')).resolves.toEqualTypeOf<string>();
expectTypeOf(accepted.overloaded(1)).resolves.toEqualTypeOf<number>();

/** A query builder: it is awaitable, and its other methods would be lost in the plain promise of a wrapper. */
export class Query<Row> implements PromiseLike<Row[]> {
  where(_condition: string): this {
    return this;
  }

  then<A = Row[], B = never>(
    onOk?: ((rows: Row[]) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return Promise.resolve([]).then(onOk, onError);
  }
}

export class Cancellable<T> extends Promise<T> {
  cancel(): void {}
}

export class Refused {
  // @ts-expect-error: a synchronous method
  @CircuitBreaker()
  size(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous method
  @CircuitBreaker
  bareSize(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous method
  @CircuitBreaker({ failureThreshold: 2 })
  sizeWithOptions(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous method
  @Retry()
  retriedSize(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous method
  @Retry
  bareRetriedSize(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous method
  @Resilient({ breaker: {} })
  resilientSize(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous static method
  @CircuitBreaker()
  static size(): number {
    return 1;
  }

  // @ts-expect-error: a synchronous protected method
  @CircuitBreaker()
  protected protectedSize(): number {
    return 1;
  }

  // @ts-expect-error: a method that returns nothing
  @CircuitBreaker()
  nothing(): void {}

  // @ts-expect-error: a method that is only sometimes asynchronous
  @CircuitBreaker()
  cached(id: string): string | Promise<string> {
    return id;
  }

  // @ts-expect-error: a synchronous generator
  @CircuitBreaker()
  *numbers(): Generator<number> {
    yield 1;
  }

  // @ts-expect-error: a custom thenable
  @CircuitBreaker()
  query(): Query<string> {
    return new Query();
  }

  // @ts-expect-error: a custom thenable
  @CircuitBreaker
  bareQuery(): Query<string> {
    return new Query();
  }

  // @ts-expect-error: a promise with methods of its own
  @CircuitBreaker()
  cancellable(): Cancellable<string> {
    return new Cancellable(() => undefined);
  }

  // @ts-expect-error: a getter
  @CircuitBreaker()
  get length(): number {
    return 1;
  }

  // @ts-expect-error: a getter
  @CircuitBreaker
  get bareLength(): number {
    return 1;
  }

  // @ts-expect-error: a setter
  @CircuitBreaker()
  set width(_width: number) {}

  // @ts-expect-error: a decorator that has no default
  @Resilient
  async bareResilient(): Promise<void> {}
}

// @ts-expect-error: a class
@CircuitBreaker()
export class RefusedClass {}

// @ts-expect-error: a class
@CircuitBreaker
export class RefusedBareClass {}

// @ts-expect-error: a class
@Retry()
export class RefusedRetriedClass {}

// @ts-expect-error: a class
@Resilient({ breaker: {} })
export class RefusedResilientClass {}

export class RefusedOptions {
  // @ts-expect-error: not a duration
  @CircuitBreaker({ recoveryTimeout: '60x' })
  async duration(): Promise<void> {}

  // @ts-expect-error: a mistyped option
  @CircuitBreaker({ failureTreshold: 3 })
  async unknown(): Promise<void> {}

  // @ts-expect-error: a mistyped option
  @Retry({ maxAttempt: 3 })
  async unknownOfRetry(): Promise<void> {}

  // @ts-expect-error: an option of another policy
  @Retry({ failureThreshold: 3 })
  async ofAnotherPolicy(): Promise<void> {}

  // @ts-expect-error: a mistyped option of one of the policies
  @Resilient({ breaker: { failureTreshold: 3 } })
  async nested(): Promise<void> {}

  // @ts-expect-error: `null` is no default
  @CircuitBreaker(null)
  async nothing(): Promise<void> {}
}

/** NestJS's `applyDecorators`, and whatever else combines decorators, takes this type. */
expectTypeOf(CircuitBreaker()).toExtend<MethodDecorator>();
expectTypeOf(CircuitBreaker({ failureThreshold: 2 })).toExtend<MethodDecorator>();
expectTypeOf(Retry({ maxAttempts: 2 })).toExtend<MethodDecorator>();
expectTypeOf(Resilient({ breaker: {} })).toExtend<MethodDecorator>();
export const combined: MethodDecorator[] = [CircuitBreaker(), Retry(), Resilient({ retry: {} })];
