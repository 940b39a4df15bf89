import { join } from 'node:path';
import { root } from '../../scripts/support/process';
import { runProgram } from './support/consumer';

/** The frameworks are those of this checkout: the mappers need none to be installed beside them. */
const repository = JSON.stringify(join(root, 'package.json'));

/** One program for each framework, as its users write it: an open circuit, asked for twice. */
const sites: Readonly<Record<string, string>> = {
  express: `
    const express = from('express');
    const app = express().set('env', 'test');
    app.get('/', async (request, response) => response.send(await load()));
    app.use(breakerBoxErrors());
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => server.close();
    const url = 'http://127.0.0.1:' + server.address().port;`,
  fastify: `
    const app = from('fastify')();
    app.setErrorHandler(breakerBoxErrors());
    app.get('/', () => load());
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const close = () => app.close();`,
  hono: `
    const app = new (from('hono').Hono)();
    app.onError(breakerBoxErrors({ otherwise: (error, context) => context.text('unknown', 500) }));
    app.get('/', async (context) => context.text(await load()));
    const server = from('@hono/node-server').createAdaptorServer({ fetch: app.fetch }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = () => server.close();
    const url = 'http://127.0.0.1:' + server.address().port;`,
};

it.each(Object.entries(sites))('breaker-box/%s answers for an open circuit of the installed package', (name, site) => {
  const told = runProgram(
    'mjs',
    `
    import { once } from 'node:events';
    import { createRequire } from 'node:module';
    import { withBreaker } from 'breaker-box';
    import { breakerBoxErrors } from 'breaker-box/${name}';
    const from = createRequire(${repository});
    const load = withBreaker(async function load() { throw new Error('down'); }, { failureThreshold: 1, recoveryTimeout: '1h' });
    ${site}
    const told = [];
    for (let n = 0; n < 2; n++) {
      const response = await fetch(url, { headers: { connection: 'close' } });
      const text = await response.text();
      told.push([response.status, Number(response.headers.get('retry-after')), text.includes('BREAKER_OPEN')]);
    }
    await close();
    const required = createRequire(import.meta.url)('breaker-box/${name}');
    console.log(JSON.stringify({ told, isSame: required.breakerBoxErrors === breakerBoxErrors }));
    `,
  );
  expect(told).toEqual({ told: [[500, 0, false], [503, 3600, true]], isSame: true });
});
