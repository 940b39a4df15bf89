import type { Protect } from '../operations';
import { ATTEMPTS, BASE_DELAY_MS } from '../settings';

/** By `import()`, which runs the module as it was published: tsx compiles anew what it has to `require`. */
export async function pRetry(): Promise<Protect> {
  const { default: retrying } = await import('p-retry');
  const options = { retries: ATTEMPTS - 1, minTimeout: BASE_DELAY_MS, randomize: true };
  return (operation) => (id) => retrying(() => operation(id), options);
}
