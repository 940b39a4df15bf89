import {
  BreakerState,
  Bulkhead,
  Circuit,
  circuits,
  modules,
  Retry,
  RetryMode,
  SlidingCountBreaker,
  SlidingTimeBreaker,
  Timeout,
  type Module,
  type SlidingWindowBreakerOptions,
} from 'mollitia';
import type { Operation } from '../operations';
import { ATTEMPTS, BASE_DELAY_MS, MAX_CONCURRENT, ONE_DAY_MS, TIMEOUT_MS, WINDOW_MS, WINDOW_SIZE } from '../settings';

/** Mollitia has no consecutive count: its default, a window of the last ten outcomes, stands for it. */
export function mollitiaBreaker(options?: SlidingWindowBreakerOptions): Module {
  return new SlidingCountBreaker({ openStateDelay: ONE_DAY_MS, ...options });
}

export function byMollitia(operation: Operation): Operation {
  return protect(operation, [mollitiaBreaker()]);
}

export function byMollitiaNeverOpen(operation: Operation): Operation {
  return protect(operation, [mollitiaBreaker({ failureRateThreshold: 100 })]);
}

export function byOpenMollitia(operation: Operation): Operation {
  return protect(operation, [mollitiaBreaker({ state: BreakerState.OPENED })]);
}

export function byMollitiaCountWindow(operation: Operation): Operation {
  return protect(operation, [mollitiaBreaker({ slidingWindowSize: WINDOW_SIZE, minimumNumberOfCalls: WINDOW_SIZE })]);
}

/** Its time window keeps at most a thousand outcomes, however long it is. */
export function byMollitiaTimeWindow(operation: Operation): Operation {
  return protect(operation, [new SlidingTimeBreaker({ slidingWindowSize: WINDOW_MS, openStateDelay: ONE_DAY_MS })]);
}

export function byMollitiaRetry(operation: Operation): Operation {
  return protect(operation, [retrying()]);
}

export function byMollitiaRetryAndBreaker(operation: Operation): Operation {
  return protect(operation, [retrying(), mollitiaBreaker()]);
}

export function byMollitiaTimeout(operation: Operation): Operation {
  return protect(operation, [timingOut()]);
}

export function byMollitiaFullStack(operation: Operation): Operation {
  const bulkhead = new Bulkhead({ concurrentSize: MAX_CONCURRENT, queueSize: 0 });
  return protect(operation, [retrying(), mollitiaBreaker(), bulkhead, timingOut()]);
}

/** Mollitia keeps every circuit and module for ever, and the timers of open circuits keep the process alive. */
export function forgetMollitia(): void {
  for (const circuit of circuits) circuit.dispose();
  circuits.length = modules.length = 0;
}

function protect(operation: Operation, modulesOutermostFirst: Module[]): Operation {
  const circuit = new Circuit({ func: operation, options: { modules: modulesOutermostFirst } });
  return (id) => circuit.execute(id);
}

function retrying(): Module {
  // Its `attempts` does not count the first.
  return new Retry({ attempts: ATTEMPTS - 1, interval: BASE_DELAY_MS, mode: RetryMode.JITTER });
}

function timingOut(): Module {
  return new Timeout({ delay: TIMEOUT_MS });
}
