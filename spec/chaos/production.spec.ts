import { isProduction } from '../../lib/chaos/options';
import { withProcess } from '../support/with-process';

describe('production', () => {
  it.each([
    ['there is no process', undefined, false],
    ['a process has no environment', {}, false],
    ['NODE_ENV is not set', { env: {} }, false],
    ['NODE_ENV says something else', { env: { NODE_ENV: 'test' } }, false],
    ['NODE_ENV says so', { env: { NODE_ENV: 'production' } }, true],
  ])('is known where %s', (_where, process, isIt) => {
    expect(withProcess(process, isProduction)).toBe(isIt);
  });
});
