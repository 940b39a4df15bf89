/** What only a legacy decorator can meet. */
import { CircuitBreaker, Resilient, Retry } from '../../lib';
import './decorators';
import './fallback';

export class Refused {
  // @ts-expect-error: a property field: wrapping it would do nothing, since each instance defines it anew
  @CircuitBreaker()
  readonly download = async (id: string): Promise<string> => id;

  // @ts-expect-error: a property field
  @CircuitBreaker
  readonly bareDownload = async (id: string): Promise<string> => id;

  // @ts-expect-error: a property field
  @Retry()
  readonly retriedDownload = async (id: string): Promise<string> => id;

  // @ts-expect-error: a property field
  @Resilient({ breaker: {} })
  readonly resilientDownload = async (id: string): Promise<string> => id;

  // @ts-expect-error: a property field
  @CircuitBreaker()
  readonly count: number = 1;

  // @ts-expect-error: a static property field
  @CircuitBreaker()
  static readonly load = async (id: string): Promise<string> => id;

  // @ts-expect-error: a parameter
  async parameter(@CircuitBreaker() id: string): Promise<string> {
    return id;
  }

  // @ts-expect-error: a parameter
  async bareParameter(@CircuitBreaker id: string): Promise<string> {
    return id;
  }
}
