import { BreakerRegistry, ConfigurationError, Fallback } from '../../../../lib';
import { errorOf } from '../../../support/decorator-fixtures/misuse';

/** `@Fallback`, whose shorthand is a function, as the misuse of other decorators is. */
export function answersForMethods(): void {
  const down = new Error('down');
  const declare = (registry: BreakerRegistry) => {
    class Orders {
      readonly prefix = 'later-';

      @Fallback((error, id: string) => `${(error as Error).message} ${id}`)
      async charge(id: string): Promise<string> {
        return Promise.reject(id === '' ? new Error('empty') : down);
      }

      @Fallback({ use: function (this: Orders, _error, id: string) { return this.prefix + id; }, handle: TypeError, registry })
      async refund(id: string): Promise<string> {
        throw id === 'a' ? new TypeError('wrong') : down;
      }

      @Fallback(() => 0)
      static async count(): Promise<number> {
        return Promise.reject(down);
      }

      @Fallback(async function* (_error, count: number) { yield count; })
      async *stream(count: number): AsyncGenerator<number> {
        if (count > 0) throw down;
        yield 0;
      }
    }
    return Orders;
  };

  it('answers by a function of the error and the arguments', async () => {
    const Orders = declare(new BreakerRegistry());
    expect(await new Orders().charge('a')).toBe('down a');
    expect(await Orders.count()).toBe(0);
  });

  it('answers with the receiver as `this`, and only the errors it handles', async () => {
    const registry = new BreakerRegistry();
    const orders = new (declare(registry))();
    expect(await orders.refund('a')).toBe('later-a');
    await expect(orders.refund('b')).rejects.toBe(down);
    expect(registry.names()).toContain('Orders.refund');
  });

  it('answers for a stream', async () => {
    const items: number[] = [];
    for await (const item of new (declare(new BreakerRegistry()))().stream(7)) items.push(item);
    expect(items).toEqual([7]);
  });

  it.each([
    ['bare', Fallback],
    ['without options', (Fallback as any)()],
    ['with a class', (Fallback as any)({ use: class Answer {} })],
    ['with a value', (Fallback as any)('answer')],
  ])('is refused %s, naming the member', (_how, decorator: any) => {
    const error = errorOf(() => {
      class Orders {
        @decorator
        async charge(): Promise<void> {}
      }
      return Orders;
    });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/^@Fallback on (Orders\.)?charge: /);
  });

  it('is refused on a class, bare or not', () => {
    for (const decorator of [Fallback, (Fallback as any)(() => 5)] as any[]) {
      const error = errorOf(() => {
        @decorator
        class Orders {}
        return Orders;
      });
      expect((error as Error).message).toMatch(/^@Fallback on class Orders: a class cannot be protected/);
    }
  });
}
