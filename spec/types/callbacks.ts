/** What looks at the arguments and values of a function has the function's types, without declaring them. */
import { expectTypeOf } from 'expect-type';
import {
  bulkhead, chaos, circuitBreaker, CircuitBreaker, hedge, retry, retryBudget, withBreaker, withBreakerSync, withPolicies, withRetry,
  type BreakerOptions, type PolicyOptions,
} from '../../lib';

interface Order {
  readonly id: string;
}

interface Receipt {
  readonly receipt: string;
}

const charge = async (order: Order, currency = 'EUR'): Promise<Receipt> => ({ receipt: order.id + currency });
const identity = async <T extends { id: string }>(item: T): Promise<T> => item;
const parse = (text: string): number => Number(text);
function find(id: string): Promise<string>;
function find(id: number, radix: number): Promise<number>;
function find(id: string | number, _radix?: number): Promise<string | number> {
  return Promise.resolve(id);
}
async function* chunks(count: number): AsyncGenerator<number, string, boolean> {
  const more = yield count;
  return String(more);
}

const byOrder = (order: Order, currency: string | undefined): string => {
  expectTypeOf(order).toEqualTypeOf<Order>();
  return order.id + String(currency);
};
const failed = ({ receipt }: Receipt): boolean => receipt === '';

/** In the object form, wherever there is such a callback. */
withPolicies(charge, {
  cache: {
    ttl: '1m',
    key: (order, currency) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      expectTypeOf(currency).toEqualTypeOf<string | undefined>();
      return order.id;
    },
  },
  retry: {
    handleResult: (value) => {
      expectTypeOf(value).toEqualTypeOf<Receipt>();
      return value.receipt === '';
    },
    idempotent: (order, currency) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      expectTypeOf(currency).toEqualTypeOf<string | undefined>();
      return true;
    },
  },
  breaker: {
    key: (order) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      return order.id;
    },
    handleResult: (value) => {
      expectTypeOf(value).toEqualTypeOf<Receipt>();
      return value.receipt === '';
    },
  },
  throttle: { key: (order) => order.id, handleResult: (value) => value.receipt === '' },
  rateLimit: { limit: 1, key: (order) => order.id },
  bulkhead: { maxConcurrent: 1, key: (order) => order.id, adaptive: { algorithm: 'aimd', handleResult: (value) => value.receipt === '' } },
  hedge: {
    delay: 10,
    idempotent: (order) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      return true;
    },
  },
  chaos: {
    result: (order) => {
      expectTypeOf(order).toEqualTypeOf<Order>();
      return { receipt: order.id };
    },
  },
});

/** In the other wrappers. */
expectTypeOf(withBreaker(charge, { key: (order) => order.id, handleResult: (value) => value.receipt === '' })).toExtend<typeof charge>();
expectTypeOf(withRetry(charge, { idempotent: (order) => order.id !== '', handleResult: (value) => value.receipt === '' })).toExtend<typeof charge>();
expectTypeOf(withBreakerSync(parse, { key: (text) => text, handleResult: (value) => value > 1 })).toExtend<typeof parse>();

/** Callbacks that declare their types, and those that are made apart. */
withPolicies(charge, { breaker: { key: byOrder, handleResult: failed }, bulkhead: { maxConcurrent: 1, key: ({ id }: Order) => id } });
withPolicies(charge, { chaos: { result: { receipt: 'none' } } });
withPolicies(charge, { chaos: { result: async () => ({ receipt: 'none' }) } });
export const apart: PolicyOptions = { breaker: { key: (id: number) => String(id) }, chaos: { result: 3 } };
withPolicies(charge, apart);
export const options: BreakerOptions = { handleResult: (value: number) => value > 1 };
withBreaker(charge, options);

/** Inference is as without them: generics, overloads (of which the last one counts here), inline functions with defaults. */
expectTypeOf(withBreaker(identity, { key: (item) => item.id })({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{ id: string; size: number }>();
expectTypeOf(withPolicies(identity, { retry: { handleResult: ({ id }) => id === '' } })({ id: 'a', size: 1 })).resolves.toEqualTypeOf<{
  id: string;
  size: number;
}>();
expectTypeOf(withBreaker(find, { key: (id: string | number) => String(id) })('a')).resolves.toEqualTypeOf<string>();
expectTypeOf(withRetry(find, { idempotent: (id) => id > 1 })('a')).resolves.toEqualTypeOf<string>();
const inline = withBreaker(async (id: string, fresh = false) => `${id}${String(fresh)}`, { key: (id) => id });
expectTypeOf(inline('7', true)).resolves.toEqualTypeOf<string>();
withPolicies(async (id: string, fresh = false) => `${id}${String(fresh)}`, {
  breaker: { handleResult: (value) => value.length > 1 },
  bulkhead: { maxConcurrent: 1, key: (id) => id },
});

/** Of a stream, the value is what its generator returns. */
withPolicies(chunks, { breaker: { key: (count) => count.toFixed(), handleResult: (value) => value.length > 1 } });

/** A value of which nothing is known may be declared as anything. */
withRetry(async (): Promise<unknown> => undefined, { handleResult: ({ status }: { status: number }) => status === 503 });

/** By themselves, policies do not know the function: their callbacks may declare any types, or none. */
bulkhead({ maxConcurrent: 1, key: (order) => order.id });
circuitBreaker({ key: (order: Order) => order.id, handleResult: (value) => value.receipt === '' });
retry({ idempotent: ({ method }) => method === 'GET' });
hedge({ delay: 10, idempotent: (order: Order) => order.id !== '' });
chaos({ result: 3 });

export class Service {
  @CircuitBreaker({ key: (order) => order.id })
  async charge(order: Order): Promise<Receipt> {
    return { receipt: order.id };
  }
}

// @ts-expect-error: a key of another argument
withPolicies(charge, { bulkhead: { maxConcurrent: 1, key: (order: number) => String(order) } });
// @ts-expect-error: a key of another argument
withPolicies(charge, { cache: { ttl: 1, key: (order: number) => String(order) } });
// @ts-expect-error: a key of another argument
withBreaker(charge, { key: (order: number) => String(order) });
// @ts-expect-error: a key is a string
withPolicies(charge, { rateLimit: { limit: 1, key: () => 1 } });
// @ts-expect-error: another value
withPolicies(charge, { retry: { handleResult: (value: number) => value > 1 } });
// @ts-expect-error: another value
withRetry(charge, { handleResult: (value: number) => value > 1 });
// @ts-expect-error: another argument
withPolicies(charge, { hedge: { delay: 1, idempotent: (order: number) => order > 1 } });
// @ts-expect-error: another result
withPolicies(charge, { chaos: { result: 3 } });
// @ts-expect-error: a function of another result
withPolicies(charge, { chaos: { result: () => 3 } });
// @ts-expect-error: no stream
withPolicies(chunks, { chaos: { result: [1] } });

/** Rule 53: what must answer at once may not give a promise. */
// @ts-expect-error: a promise
withBreaker(charge, { handle: async () => true });
// @ts-expect-error: a promise
withBreaker(charge, { ignore: async (error: unknown) => error instanceof TypeError });
// @ts-expect-error: a promise
withBreaker(charge, { handleResult: async ({ receipt }: Receipt) => receipt === '' });
// @ts-expect-error: a promise
withBreaker(charge, { classify: async () => 'failure' });
// @ts-expect-error: a promise
withBreaker(charge, { key: async (order: Order) => order.id });
// @ts-expect-error: a promise
withRetry(charge, { idempotent: async () => true });
// @ts-expect-error: a promise
withRetry(charge, { backoff: async () => 5 });
// @ts-expect-error: a promise
withRetry(charge, { retryAfter: async () => 5 });
// @ts-expect-error: a promise
withRetry(charge, { budget: retryBudget({ cost: async () => 1 }) });
// @ts-expect-error: a promise
withPolicies(charge, { retry: { budget: { cost: async () => 1 } } });
// @ts-expect-error: a promise
withPolicies(charge, { fallback: { use: async () => ({ receipt: '' }), handle: async () => true } });

/** Rule 52: what is told of a retry may give one, or anything else. */
withRetry(charge, { onRetry: async ({ attempt }) => attempt });
withRetry(charge, { onRetry: ({ delay }) => delay });
withRetry(charge, { onRetry: () => undefined, respectRetryAfter: { max: '2m' }, retryAfter: (failure) => (failure instanceof TypeError ? '5s' : undefined) });
