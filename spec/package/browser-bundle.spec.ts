import { createContext, Script } from 'node:vm';
import { bundleForBrowsers } from '../../scripts/support/browser-bundle';
import { consumer } from './support/consumer';

const bundle = (source: string, globalName?: string) => bundleForBrowsers(source, consumer, { globalName });

it('imports no Node module', async () => {
  // The build fails on an import that browsers cannot resolve; nothing is left to be imported at run time either.
  const everything = await bundle(`export * from 'breaker-box';`);
  expect(everything.code).toContain('BREAKER_OPEN');
  expect(everything.imports).toEqual([]);
});

it('leaves nothing in a bundle that uses nothing of it', async () => {
  expect((await bundle(`import 'breaker-box';`)).inputs).toEqual([]);
});

it('leaves out the files that a bundle does not use', async () => {
  const { inputs } = await bundle(`export { withBreaker } from 'breaker-box';`);
  expect(inputs).toContainEqual(expect.stringMatching(/breaker-box\/dist\/production\/esm\//));
  expect(inputs).not.toContainEqual(expect.stringContaining('/recovery/'));
});

it('works where there is no `process`, no `require` and no `Buffer`', async () => {
  const { code } = await bundle(`export * from 'breaker-box';`, 'breakerBox');
  const browser = createContext({ performance, setTimeout, clearTimeout, AbortController, AbortSignal, DOMException, console });
  new Script(code).runInContext(browser);
  const outcome: unknown = await new Script(`(async () => {
    const { withBreaker, withRetry, CircuitOpenError } = breakerBox;
    let runs = 0;
    const down = async () => { runs++; throw new Error('down'); };
    const call = withRetry(withBreaker(down, { failureThreshold: 2 }), { maxAttempts: 2, baseDelay: 1, jitter: false });
    const first = await call().catch((error) => error.message);
    const rejected = await call().catch((error) => error instanceof CircuitOpenError);
    return JSON.stringify({ node: typeof process, first, rejected, runs, state: call.breaker.state });
  })()`).runInContext(browser);
  expect(JSON.parse(outcome as string)).toEqual({
    node: 'undefined',
    first: 'down',
    rejected: true,
    runs: 2,
    state: 'open',
  });
});
