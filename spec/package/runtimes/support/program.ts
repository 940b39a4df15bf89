import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { consumer } from '../../support/consumer';

/** Puts the program of `fixtures/`, and files that run it, into a folder of the project that has installed the packed package. */
export function makeProgram(runtime: string): string {
  const folder = join(consumer, `runtime-${runtime}`);
  cpSync(join(__dirname, '..', 'fixtures'), folder, { recursive: true });
  return folder;
}

/** What the program gives in every runtime. */
export const expected = {
  breaker: ['down', 'down', 'BREAKER_OPEN', 'down', 'paid', 'closed'],
  retry: 3,
  timeout: ['BREAKER_TIMEOUT', 'BREAKER_TIMEOUT'],
  stream: [[1, 2, 3], true, 1],
  decorated: 'a: 2 attempts',
  fetched: ['body', 2],
  badOptions: 'BREAKER_CONFIG',
  names: ['pay', 'load', 'hang', 'count', 'VideoService.download', 'fetch'],
};
