import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { consumer, installed, runProgram } from './support/consumer';

beforeAll(() => {
  cpSync(installed, join(consumer, 'copy', 'node_modules', 'breaker-box'), { recursive: true });
});

it('shares the default registry between two copies of the package', () => {
  const seen = runProgram(
    'cjs',
    `
    const first = require('breaker-box');
    const second = require('./copy/node_modules/breaker-box');
    const fail = first.withBreaker(() => Promise.reject(new Error('down')), { name: 'payments.charge', failureThreshold: 1 });
    (async () => {
      await fail().catch(() => {});
      const rejection = await fail().catch((error) => error);
      console.log(JSON.stringify({
        twoCopies: first.Breaker !== second.Breaker,
        oneRegistry: first.registry === second.registry,
        underTheAgreedKey: globalThis[Symbol.for('breaker-box.registry@2')] === first.registry,
        stateInSecond: second.registry.get('payments.charge').state,
        recognisedBySecond: second.isBreakerBoxError(rejection),
      }));
    })();
    `,
  );
  expect(seen).toEqual({
    twoCopies: true,
    oneRegistry: true,
    underTheAgreedKey: true,
    stateInSecond: 'open',
    recognisedBySecond: true,
  });
});

it('shares it between the CommonJS and the ES module build, too', () => {
  const seen = runProgram(
    'mjs',
    `
    import * as esm from './node_modules/breaker-box/dist/esm/index.mjs';
    import * as cjs from 'breaker-box';
    const call = esm.withBreaker(async () => 1, { name: 'users.fetch' });
    await call();
    console.log(JSON.stringify({ twoCopies: esm.Breaker !== cjs.Breaker, calls: cjs.registry.get('users.fetch').stats.calls }));
    `,
  );
  expect(seen).toEqual({ twoCopies: true, calls: 1 });
});

it('lets a second copy wrap an operation of its own in the shared registry', () => {
  const names = runProgram(
    'cjs',
    `
    const first = require('breaker-box');
    const second = require('./copy/node_modules/breaker-box');
    const kept = [first.withBreaker(async function download() {}), second.withBreaker(async function upload() {})];
    console.log(JSON.stringify([first.registry.names(), kept.length]));
    `,
  ) as [string[], number];
  expect([...names[0]].sort()).toEqual(['download', 'upload']);
});

it('loads and works the test kit of a copy, whose registry another copy has made (rule 59)', () => {
  const seen = runProgram(
    'cjs',
    `
    const first = require('breaker-box');
    const pay = first.withBreaker(async () => 'paid', { name: 'pay' });
    // As jest.resetModules() does.
    for (const file of Object.keys(require.cache)) if (file.includes('breaker-box')) delete require.cache[file];
    const kit = require('breaker-box/testing').testKit();
    (async () => {
      kit.open('pay');
      const opened = pay.breaker.state;
      await kit.advance('60s');
      const recovering = pay.breaker.state;
      kit.fault(pay);
      const failed = await pay().catch((error) => error.message);
      kit.clearFault();
      kit.close('pay');
      console.log(JSON.stringify({ copies: require('breaker-box') === first ? 1 : 2, opened, recovering, failed, paid: await pay() }));
    })();
    `,
  );
  expect(seen).toEqual({ copies: 2, opened: 'open', recovering: 'half_open', failed: expect.stringContaining('pay'), paid: 'paid' });
});
