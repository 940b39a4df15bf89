import { isOneShot } from '../../lib/core/safe-inspect';

describe('what can be read but once', () => {
  it.each<[string, unknown, boolean]>([
    ['a stream of the web', new ReadableStream(), true],
    ['what an async generator gives', (async function* () {})(), true],
    ['a list', [1], false],
    ['an object with a field of that name', { getReader: true, [Symbol.asyncIterator]: true }, false],
    ['nothing', undefined, false],
  ])('%s', (_what, value, isIt) => {
    expect(isOneShot(value)).toBe(isIt);
  });
});
