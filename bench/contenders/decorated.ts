import { CircuitBreaker, Retry } from 'breaker-box';
import type { Operation } from '../operations';

class Guarded {
  @CircuitBreaker
  async fetchUser(id: number): Promise<number> {
    return id;
  }

  @CircuitBreaker
  async fetchOrder(id: number): Promise<number> {
    return id + 1;
  }

  @CircuitBreaker
  async chargeCard(id: number): Promise<boolean> {
    return id > 0;
  }

  @CircuitBreaker
  async sendMail(id: number): Promise<unknown> {
    return id === -1 ? 'never' : undefined;
  }
}

class Retried {
  @Retry
  @CircuitBreaker
  async fetchUser(id: number): Promise<number> {
    return id;
  }

  @Retry
  @CircuitBreaker
  async fetchOrder(id: number): Promise<number> {
    return id + 1;
  }

  @Retry
  @CircuitBreaker
  async chargeCard(id: number): Promise<boolean> {
    return id > 0;
  }

  @Retry
  @CircuitBreaker
  async sendMail(id: number): Promise<unknown> {
    return id === -1 ? 'never' : undefined;
  }
}

/** The methods of `working`, each with a breaker. */
export function byCircuitBreaker(): Operation[] {
  return methodsOf(new Guarded());
}

/** The methods of `working`, each with a retry around a breaker. */
export function byRetryOverCircuitBreaker(): Operation[] {
  return methodsOf(new Retried());
}

/** Called as methods are: looked up on the instance, every time. */
function methodsOf(service: Guarded): Operation[] {
  return [
    (id) => service.fetchUser(id),
    (id) => service.fetchOrder(id),
    (id) => service.chargeCard(id),
    (id) => service.sendMail(id),
  ];
}
