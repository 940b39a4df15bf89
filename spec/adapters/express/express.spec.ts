import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express, { type ErrorRequestHandler } from 'express';
import { breakerBoxErrors } from '../../../lib/adapters/express';
import { circuitOpen, itAnswersPolicyErrors } from '../shared/error-mapper-contract';
import { siteOf, type Site, type WebFramework } from '../shared/web-framework';

const framework: WebFramework = {
  name: 'Express',
  breakerBoxErrors,
  serve(handler, options) {
    const app = express();
    app.all('/', async (_request, response) => {
      response.send(await handler({ header: (name, value) => response.setHeader(name, value) }));
    });
    if (options !== 'unmapped') app.use(breakerBoxErrors(options));
    return siteOf(app.listen(0, '127.0.0.1'));
  },
};

itAnswersPolicyErrors(framework);

describe('in an Express application', () => {
  let site: Site | undefined;
  const listen = async (app: express.Express): Promise<string> => (site = await siteOf(app.listen(0, '127.0.0.1'))).url;

  afterEach(() => site?.close());

  it('answers what is handed to next', async () => {
    const app = express().get('/', (_request, _response, next) => next(circuitOpen())).use(breakerBoxErrors());
    expect((await fetch(await listen(app))).status).toBe(503);
  });

  it('hands other errors to the error middleware after it, and to that alone', async () => {
    const seen: unknown[] = [];
    const own: ErrorRequestHandler = (error: Error, _request, response, _next) => {
      seen.push(error.message);
      response.status(500).json({ own: error.message });
    };
    const app = express();
    app.get('/open', () => { throw circuitOpen(); });
    app.get('/down', () => { throw new Error('down'); });
    app.use(breakerBoxErrors(), own);
    const url = await listen(app);
    expect((await fetch(`${url}open`)).status).toBe(503);
    expect(await (await fetch(`${url}down`)).json()).toEqual({ own: 'down' });
    expect(seen).toEqual(['down']);
  });

  it('serves one router, while another has an answer of its own', async () => {
    const app = express();
    const fail = () => { throw circuitOpen(); };
    app.use('/api', express.Router().get('/', fail).use(breakerBoxErrors()));
    app.use('/pages', express.Router().get('/', fail).use(breakerBoxErrors({ answer: ({ status }) => ({ status, headers: { 'content-type': 'text/html' }, body: '<p>Later.</p>' }) })));
    const url = await listen(app);
    expect(await (await fetch(`${url}api`)).json()).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(await (await fetch(`${url}pages`)).text()).toBe('<p>Later.</p>');
  });

  it('does not touch a response that has begun: Express cuts it, and serves on', async () => {
    const reached: unknown[] = [];
    const app = express();
    app.set('env', 'test');
    app.get('/', (_request, response) => {
      response.write('the first part');
      throw circuitOpen();
    });
    app.get('/well', (_request, response) => void response.send('well'));
    app.use(breakerBoxErrors());
    app.use(((error, _request, _response, next) => {
      reached.push(error);
      next(error);
    }) satisfies ErrorRequestHandler);
    const url = await listen(app);
    const response = await fetch(url);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(reached).toHaveLength(1);
    expect(await (await fetch(`${url}well`)).text()).toBe('well');
  });

  it('is not disturbed by a client that has gone', async () => {
    const errors: unknown[] = [];
    let fail: () => void = () => undefined;
    const app = express();
    app.get('/', (request, _response, next) => {
      fail = () => next(circuitOpen());
      request.on('close', () => {
        fail();
        errors.push('answered');
      });
    });
    app.get('/well', (_request, response) => void response.send('well'));
    app.use(breakerBoxErrors());
    app.use(((error, _request, _response, _next) => void errors.push(error)) satisfies ErrorRequestHandler);
    const server = app.listen(0, '127.0.0.1');
    site = await siteOf(server);
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(server, 'request');
    socket.destroy();
    while (errors.length === 0) await setImmediate();
    expect(errors).toEqual(['answered']);
    expect(await (await fetch(`${site.url}well`)).text()).toBe('well');
  });
});
