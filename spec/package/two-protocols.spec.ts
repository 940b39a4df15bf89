import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumer, installed, runProgram } from './support/consumer';

const nextVersion = join(consumer, 'next-version', 'node_modules', 'breaker-box');

/** A build of a later version, which shares things of another shape. */
beforeAll(() => {
  cpSync(installed, nextVersion, { recursive: true });
  const files = readdirSync(nextVersion, { recursive: true, encoding: 'utf8' }).filter((file) => /\.m?js$/.test(file)).map((file) => join(nextVersion, file));
  const changed = files.filter((file) => {
    const code = readFileSync(file, 'utf8');
    const changedCode = code.replace(/(`breaker-box\.\$\{\w+\}@)2`/, '$13`');
    writeFileSync(file, changedCode);
    return changedCode !== code;
  });
  expect(changed.map((file) => file.slice(nextVersion.length)).sort()).toEqual([
    '/dist/cjs/core.js', '/dist/esm/core/shared.mjs', '/dist/production/cjs/core.js', '/dist/production/esm/core/shared.mjs',
  ]);
});

const body = `
  const opensOn = (bb) => bb.withRetry(bb.withBreaker(async () => { throw new Error('down'); }, { name: 'pay', failureThreshold: 1 }), { maxAttempts: 1 });
  const [one, other] = [opensOn(current), opensOn(next)];
  await one().catch(() => {});
  const nested = current.withRetry(next.withBreaker(async () => 'paid', { name: 'nested' }), { name: 'around' });
  const kept = [current, next].map(({ registry }) => [Object.getOwnPropertySymbols(globalThis).some((key) => globalThis[key] === registry), registry.get('pay').state]);
  console.log(JSON.stringify({
    oneRegistry: current.registry === next.registry,
    kept,
    nested: await nested(),
    rejection: await one().catch((error) => [error.code, next.isBreakerBoxError(error)]),
    failure: await other().catch((error) => error.message),
  }));
`;

const everythingApart = {
  oneRegistry: false,
  kept: [[true, 'open'], [true, 'closed']],
  nested: 'paid',
  rejection: ['BREAKER_OPEN', true],
  failure: 'down',
};

it.each([
  ['CommonJS', 'breaker-box', './next-version/node_modules/breaker-box/dist/cjs/index.js'],
  ['ES modules', './node_modules/breaker-box/dist/esm/index.mjs', './next-version/node_modules/breaker-box/dist/esm/index.mjs'],
])('two versions with other protocols work side by side in one process, each with its registry: %s', (_format, current, next) => {
  const source = `import * as current from '${current}'; import * as next from '${next}'; ${body}`;
  expect(runProgram('mjs', source)).toEqual(everythingApart);
});

it('a wrapper of one version takes no registry of the other', () => {
  const source = `
    import { withBreaker } from 'breaker-box';
    import { BreakerRegistry } from './next-version/node_modules/breaker-box/dist/cjs/index.js';
    let code = 'taken';
    try { withBreaker(async () => 1, { registry: new BreakerRegistry() }); } catch (error) { code = error.code; }
    console.log(JSON.stringify(code));
  `;
  expect(runProgram('mjs', source)).toBe('BREAKER_CONFIG');
});
