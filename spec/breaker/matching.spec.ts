import { Script, createContext } from 'node:vm';
import { readFile } from 'node:fs/promises';
import type { BreakerOptions, ErrorMatcher } from '../../lib';
import { Testbed } from './testbed';

class HttpError extends Error {
  override name = 'HttpError';
  constructor(readonly status = 503) {
    super(`status ${status}`);
  }
}
class Gateway extends HttpError {}
class Unnamed extends Error {}

/** Another realm: an iframe, a worker's message, Jest's own sandbox. */
const realm = createContext({});
function fromRealm<T>(source: string): T {
  return new Script(source).runInContext(realm) as T;
}

/** How a breaker with these options counts an error. */
function outcomeOf(error: unknown, options: BreakerOptions): string {
  const { breaker } = new Testbed(options);
  try {
    breaker.executeSync(() => {
      throw error;
    });
  } catch {
    // it is counted
  }
  const { successes, failures, ignored } = breaker.stats;
  return ['success', 'failure', 'ignored'][[successes, failures, ignored].indexOf(1)]!;
}

const MATCHERS: [string, ErrorMatcher, unknown, boolean][] = [
  ['a class and an error of it', HttpError, new HttpError(), true],
  ['a class and an error of a subclass', HttpError, new Gateway(), true],
  ['a class and an error of its parent', Gateway, new HttpError(), false],
  ['Error and any error', Error, new HttpError(), true],
  ['Error and a string', Error, 'down', false],
  ['a class and an object that only has its name', HttpError, new (class extends Error {
    override name = 'HttpError';
  })(), false],
  ['a list and an error of its second class', [TypeError, HttpError], new HttpError(), true],
  ['a list and an error of none', [TypeError, RangeError], new HttpError(), false],
  ['DOMException and one', DOMException, new DOMException('slow', 'TimeoutError'), true],
  ['a predicate that says yes', (error) => (error as HttpError).status === 503, new HttpError(), true],
  ['a predicate that says no', (error) => (error as HttpError).status === 503, new HttpError(404), false],
  ['a predicate about what is no error', (error) => error === 'down', 'down', true],
  ['a predicate written as a function', function isDown(error: unknown) {
    return error === 'down';
  }, 'down', true],
  ['a predicate that answers something true', ((error: unknown) => error) as never, 'down', true],
  ['a class and an error of another realm, by name', TypeError, fromRealm('new TypeError("down")'), true],
  ['Error and an error of another realm', Error, fromRealm('new RangeError("down")'), true],
  ['a class and another error of another realm', TypeError, fromRealm('new RangeError("down")'), false],
  ['a class and one of another realm by its class name', Unnamed, fromRealm('new (class Unnamed extends Error {})'), true],
  ['a class and one of another realm by its `name`', HttpError, fromRealm('Object.assign(new Error(), { name: "HttpError" })'), true],
  ["another realm's class and an error of it", fromRealm('TypeError'), fromRealm('new TypeError("down")'), true],
  ["another realm's class and an error of ours", fromRealm<ErrorMatcher>('Error'), new Error('down'), false],
  ['a class and undefined', HttpError, undefined, false],
  ['a class and null', HttpError, null, false],
  ['a class and a number', HttpError, 503, false],
];

describe('Matching: handle', () => {
  it.each(MATCHERS)('%s', (_what, handle, error, matches) => {
    expect(outcomeOf(error, { handle })).toBe(matches ? 'failure' : 'success');
  });
});

describe('Matching: ignore', () => {
  it.each(MATCHERS)('%s', (_what, ignore, error, matches) => {
    expect(outcomeOf(error, { ignore })).toBe(matches ? 'ignored' : 'failure');
  });

  it('wins over handle', () => {
    expect(outcomeOf(new Gateway(), { handle: HttpError, ignore: Gateway })).toBe('ignored');
    expect(outcomeOf(new HttpError(), { handle: HttpError, ignore: Gateway })).toBe('failure');
  });

  it('adds to the cancellations that are always ignored', () => {
    expect(outcomeOf(new DOMException('cancelled', 'AbortError'), { ignore: TypeError })).toBe('ignored');
    expect(outcomeOf(new DOMException('cancelled', 'AbortError'), { handle: DOMException })).toBe('ignored');
  });

  it('knows the AbortErrors of Node and of other realms', async () => {
    const signal = AbortSignal.abort();
    const nodes: unknown = await readFile(__filename, { signal }).catch((error: unknown) => error);

    expect(outcomeOf(nodes, {})).toBe('ignored');
    expect(outcomeOf(fromRealm('Object.assign(new Error(), { name: "AbortError" })'), {})).toBe('ignored');
  });

  it("knows Node's own errors by class, though Jest's classes are others", async () => {
    const error: unknown = await readFile('/does/not/exist').catch((thrown: unknown) => thrown);

    expect(outcomeOf(error, { ignore: Error })).toBe('ignored');
  });

  it('does not take a TimeoutError for an abort', () => {
    expect(outcomeOf(new DOMException('slow', 'TimeoutError'), {})).toBe('failure');
  });
});

describe('Matching: handleResult', () => {
  const isDown = (value: { status: number }): boolean => value.status >= 500;

  it.each([[503, { failures: 1, successes: 0 }], [200, { failures: 0, successes: 1 }]])(
    'decides whether a returned value is a failure: %d',
    async (status, counts) => {
      const { breaker } = new Testbed({ handleResult: isDown });
      const response = { status };

      await expect(breaker.execute(async () => response)).resolves.toBe(response);

      expect(breaker.stats).toMatchObject(counts);
    },
  );

  it('opens the circuit by values, and every caller gets his', async () => {
    const { breaker } = new Testbed({ handleResult: isDown, failureThreshold: 2 });

    for (let call = 0; call < 2; call++) await expect(breaker.execute(async () => ({ status: 500 }))).resolves.toEqual({ status: 500 });

    expect(breaker.state).toBe('open');
  });

  it('has no say about errors', () => {
    expect(outcomeOf(new HttpError(), { handleResult: () => false })).toBe('failure');
  });

  it('leaves no error behind: the last one stays', async () => {
    const testbed = new Testbed({ handleResult: isDown });
    const error = new HttpError();
    testbed.fail(1, error);

    await testbed.breaker.execute(async () => ({ status: 500 }));

    expect(testbed.breaker.failureCount).toBe(2);
  });
});
