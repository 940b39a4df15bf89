/**
 * A fallback must fit the function that it answers for: its arguments, its result. In syntax that both standards share, as
 * `decorators.ts`; `decorators.legacy.ts` imports it.
 */
import { expectTypeOf } from 'expect-type';
import { Fallback, fallback, Resilient, retry, withPipeline, withPolicies, type Policy, type PolicyOptions } from '../../lib';

interface Order {
  readonly id: string;
  readonly total: number;
}

interface Receipt {
  readonly receipt: string;
}

const charge = async (order: Order, currency = 'EUR'): Promise<Receipt> => ({ receipt: order.id + currency });
const ping = async (): Promise<void> => undefined;
const identity = async <T extends { id: string }>(item: T): Promise<T> => item;
async function* chunks(count: number): AsyncGenerator<number, string, boolean> {
  const more = yield count;
  return String(more);
}

/** In the object form, the parameters have the function's types without being declared. */
withPolicies(charge, {
  fallback: (error, order, currency) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    expectTypeOf(order).toEqualTypeOf<Order>();
    expectTypeOf(currency).toEqualTypeOf<string | undefined>();
    return { receipt: order.id };
  },
});
withPolicies(charge, { fallback: async (_error, { id }) => ({ receipt: id }) });
withPolicies(charge, { fallback: { use: (_error, { id }) => ({ receipt: id }), handle: TypeError } });
withPolicies(charge, { fallback: () => ({ receipt: 'none' }) });
withPolicies(charge, { fallback: (error) => { throw error; } });
withPolicies(ping, { fallback: () => undefined });
withPolicies(ping, { fallback: async () => undefined });
expectTypeOf(withPolicies(charge, { fallback: (_error, { id }) => ({ receipt: id }) })).toExtend<typeof charge>();

/** The parameters of a generic function are those that its constraint allows. */
withPolicies(identity, { fallback: (_error, item) => item });
expectTypeOf(withPolicies(identity, { fallback: (_error, item) => item })({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{
  id: string;
  size: number;
}>();

/** A function that is given inline, and infers a parameter from its default value. */
withPolicies(async (id: string, fresh = false) => `${id}${String(fresh)}`, { fallback: (_error, id) => id });

/** So do they in the array form. */
withPipeline(charge, [fallback((_error, order) => ({ receipt: order.id })), retry()]);
withPipeline(charge, [retry(), fallback(async () => ({ receipt: 'none' }))]);
// @ts-expect-error: the answer is no receipt
withPipeline(charge, [retry(), fallback(() => 'none')]);
withPolicies(charge, [fallback((_error, order) => ({ receipt: order.id })), retry()]);
withPolicies(charge, [fallback({ use: (_error, order: Order) => ({ receipt: order.id }), ignore: TypeError })]);
withPolicies(charge, [retry(), fallback(async () => ({ receipt: 'none' }))]);

/** For a stream it is a stream. */
withPolicies(chunks, { fallback: async function* (_error, count) { yield count; } });

/** Options and lists that are made apart fit any function. */
export const apart: PolicyOptions = { fallback: (_error, id: string) => id };
export const list: Policy[] = [fallback(() => 5)];
withPolicies(charge, apart);
withPolicies(charge, list);

// @ts-expect-error: another argument
withPolicies(charge, { fallback: (_error, order: string) => ({ receipt: order }) });
// @ts-expect-error: one argument too many
withPolicies(charge, { fallback: (_error, { id }: Order, _currency: string | undefined, more: number) => ({ receipt: id + String(more) }) });
// @ts-expect-error: another result
withPolicies(charge, { fallback: () => ({ receipt: 1 }) });
// @ts-expect-error: a promise of another result
withPolicies(charge, { fallback: async () => 'none' });
// @ts-expect-error: another result, in full
withPolicies(charge, { fallback: { use: () => 'none' } });
// @ts-expect-error: nothing to answer with
withPolicies(charge, { fallback: { handle: TypeError } });
// @ts-expect-error: a value is no function
withPolicies(charge, { fallback: { receipt: 'none' } });
// @ts-expect-error: another argument, in a list
withPolicies(charge, [retry(), fallback((_error, order: string) => ({ receipt: order }))]);
// @ts-expect-error: another result, in a list
withPolicies(charge, [fallback(() => 5)]);
// @ts-expect-error: another result of a function that is given inline
withPolicies(async (id: string, fresh = false) => `${id}${String(fresh)}`, { fallback: () => 5 });
// @ts-expect-error: a stream of other items
withPolicies(chunks, { fallback: async function* () { yield 'a'; } });
// @ts-expect-error: no stream
withPolicies(chunks, { fallback: () => [1] });

export class Accepted {
  readonly prefix = 'later-';

  @Fallback((_error, order: Order) => ({ receipt: order.id }))
  async charge(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Fallback(async (_error, { id }: Order, currency = 'EUR') => ({ receipt: id + currency }))
  async chargeIn(order: Order, currency?: string): Promise<Receipt> {
    return { receipt: order.id + String(currency) };
  }

  @Fallback({ use: (_error, order: Order) => ({ receipt: order.id }), handle: TypeError })
  async inFull(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Fallback(function (this: Accepted, _error, order: Order) {
    return { receipt: this.prefix + order.id };
  })
  async withItsThis(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Resilient({ fallback: (_error, order: Order) => ({ receipt: order.id }), retry: {} })
  async amongOthers(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Resilient({ fallback: { use: (_error, order: Order) => ({ receipt: order.id }), handle: TypeError } })
  async amongOthersInFull(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Resilient(apart)
  async madeApart(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Resilient(list)
  async listedApart(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  @Fallback(() => undefined)
  static async ping(): Promise<void> {}

  @Fallback(async function* (_error, count: number) {
    yield count;
  })
  async *stream(count: number): AsyncGenerator<number> {
    yield count;
  }
}

export class Refused {
  // @ts-expect-error: another argument
  @Fallback((_error, order: string) => ({ receipt: order }))
  async otherArgument(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  // @ts-expect-error: another result
  @Fallback(() => 5)
  async otherResult(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  // @ts-expect-error: another result, in full
  @Fallback({ use: () => 5 })
  async otherResultInFull(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  // @ts-expect-error: another result, among others
  @Resilient({ fallback: () => 5, retry: {} })
  async otherResultAmongOthers(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  // @ts-expect-error: another argument, among others, in full
  @Resilient({ fallback: { use: (_error, order: string) => ({ receipt: order }) } })
  async otherArgumentAmongOthers(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }

  // @ts-expect-error: a synchronous method
  @Fallback(() => 5)
  size(): number {
    return 1;
  }

  // @ts-expect-error: no stream
  @Fallback(() => [1])
  async *stream(count: number): AsyncGenerator<number> {
    yield count;
  }

  // @ts-expect-error: it has no default
  @Fallback()
  async empty(): Promise<void> {}

  // @ts-expect-error: it has no default
  @Fallback
  async bare(): Promise<number> {
    return 1;
  }

  // @ts-expect-error: a mistyped option
  @Fallback({ use: () => undefined, handles: TypeError })
  async mistyped(): Promise<void> {}
}

// @ts-expect-error: a class
@Fallback(() => 5)
export class RefusedClass {}

expectTypeOf(Fallback(() => 5)).toExtend<(target: object, key: string, descriptor: TypedPropertyDescriptor<() => Promise<number>>) => void>();
