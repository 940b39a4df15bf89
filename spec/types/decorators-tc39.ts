/** What only a TC39 decorator can see. */
import { CircuitBreaker, Fallback, Resilient, Retry } from '../../lib';

export class Accepted {
  @CircuitBreaker()
  async #download(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker
  async #bareDownload(id: string): Promise<string> {
    return id;
  }

  @Retry()
  static async #load(id: string): Promise<string> {
    return id;
  }

  @CircuitBreaker()
  readonly field = async (id: string): Promise<string> => id;

  @CircuitBreaker
  readonly bareField = async (id: string): Promise<string> => id;

  @Retry
  readonly bareRetriedField = async (id: string): Promise<string> => id;

  @Resilient({ breaker: {}, retry: {} })
  readonly resilientField = async (id: string): Promise<string> => id;

  @CircuitBreaker()
  readonly #privateField = async (id: string): Promise<string> => id;

  @CircuitBreaker()
  static readonly staticField = async (id: string): Promise<string> => id;

  @CircuitBreaker()
  protected readonly protectedField = async (id: string): Promise<string> => id;

  @CircuitBreaker()
  readonly genericField = async <T>(item: T): Promise<T> => item;

  @CircuitBreaker({ stream: true })
  readonly generatorField = async function* (): AsyncGenerator<number> {
    yield 1;
  };

  @Retry()
  @CircuitBreaker
  readonly stackedField = async (id: string): Promise<string> => id;

  @Fallback((_error, id: string) => id)
  readonly fieldWithFallback = async (id: string): Promise<string> => id;

  async all(id: string): Promise<string[]> {
    return [await this.#download(id), await this.#bareDownload(id), await Accepted.#load(id), await this.#privateField(id)];
  }
}

export class Refused {
  // @ts-expect-error: a synchronous #private method
  @CircuitBreaker()
  #size(): number {
    return 1;
  }

  // @ts-expect-error: a field that holds no function
  @CircuitBreaker()
  readonly count = 1;

  // @ts-expect-error: a field that holds no function
  @CircuitBreaker
  readonly bareCount = 1;

  // @ts-expect-error: a field that holds no function
  @Retry
  readonly bareRetriedCount = 1;

  // @ts-expect-error: a field that holds a synchronous function
  @CircuitBreaker()
  readonly measure = (text: string): number => text.length;

  // @ts-expect-error: a field that holds a promise, which nothing can call again
  @CircuitBreaker()
  readonly answer = Promise.resolve(42);

  // @ts-expect-error: a static field that holds no function
  @CircuitBreaker()
  static readonly total = 1;

  // @ts-expect-error: a field that holds a function with another result
  @Fallback(() => 5)
  readonly otherFallback = async (id: string): Promise<string> => id;

  // @ts-expect-error: an accessor
  @CircuitBreaker()
  accessor download = async (id: string): Promise<string> => id;

  // @ts-expect-error: an accessor
  @CircuitBreaker
  accessor bareDownload = async (id: string): Promise<string> => id;

  // @ts-expect-error: a getter, whatever it returns (a legacy descriptor's type cannot tell it from a method)
  @CircuitBreaker()
  get getter(): () => Promise<string> {
    return async () => 'a';
  }

  // @ts-expect-error: a #private getter
  @CircuitBreaker()
  get #length(): number {
    return this.#size();
  }

  length(): number {
    return this.#length;
  }
}
