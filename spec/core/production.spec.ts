import { buildSync } from 'esbuild';
import { join } from 'node:path';
import type * as library from '../../lib';
import { propertyOf } from '../../lib/core/safe-inspect';

/** What a browser's production build makes of the library. */
const code = buildSync({
  stdin: { contents: `export { withBreaker, withRetry, bulkhead, withPolicies } from './lib'`, resolveDir: join(__dirname, '../..'), loader: 'ts' },
  bundle: true, minify: true, write: false, platform: 'node', format: 'cjs', define: { __DEV__: 'false', __NODE__: 'false' },
}).outputFiles[0]!.text;

const production = { exports: {} as Pick<typeof library, 'withBreaker' | 'withRetry' | 'bulkhead' | 'withPolicies'> };
 
new Function('module', 'exports', 'require', code)(production, production.exports, require);

function refusal(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('a production build', () => {
  it('refuses wrong options with code and paths, in short', () => {
    const error = refusal(() => production.exports.withRetry(async () => 1, { maxAttempts: 0, baseDelay: '2s', maxDelay: '1s', retries: 3 } as object));

    expect(propertyOf(error, 'name')).toBe('ConfigurationError');
    expect(propertyOf(error, 'code')).toBe('BREAKER_CONFIG');
    expect(propertyOf(error, 'issues')).toEqual([
      { path: 'maxAttempts', message: 'invalid', received: 0 },
      { path: 'retries', message: 'invalid', received: 3 },
      { path: 'maxDelay', message: 'invalid', received: '1s' },
    ]);
    expect(propertyOf(error, 'message')).toMatch(/\n {2}- maxAttempts: invalid\n {2}- retries: invalid\n {2}- maxDelay: invalid$/);
  });

  it('refuses what is missing, of the wrong kind, inherited, or no function', () => {
    const { bulkhead, withBreaker, withPolicies } = production.exports;
    const paths = (given: object): unknown => propertyOf(refusal(() => withPolicies(async () => 1, given)), 'issues');

    expect(paths({ bulkhead: {} })).toMatchObject([{ path: 'bulkhead.maxConcurrent', message: 'invalid' }]);
    expect(paths([bulkhead('5' as never)])).toMatchObject([{ path: 'bulkhead' }]);
    expect(paths({ breaker: Object.create({ failureThreshold: 1 }) as object })).toMatchObject([{ path: 'breaker', message: 'invalid' }]);
    expect(propertyOf(refusal(() => withBreaker(Promise.resolve() as never)), 'code')).toBe('BREAKER_CONFIG');
  });

  it('takes what is right, with the same defaults', () => {
    expect(production.exports.withRetry(async () => 1, { baseDelay: '1.5s' }).pipeline[0]!.options).toMatchObject({ baseDelay: 1500, maxAttempts: 3 });
  });

  it.each([
    'must be an integer', 'must be a duration', 'must be a ratio', 'an object of options', 'is required', 'exclude each other', 'go together', 'opossum', 'a promise was given',
  ])('has no sentences about options: %s', (words) => {
    expect(code).not.toContain(words);
  });
});
