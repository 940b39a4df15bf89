import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { breakerBoxErrors } from '../../../lib/adapters/hono';
import { circuitOpen, itAnswersPolicyErrors } from '../shared/error-mapper-contract';
import { siteOf, type Site, type WebFramework } from '../shared/web-framework';

function listen(app: Hono): Promise<Site> {
  const server = createAdaptorServer({ fetch: app.fetch }) as ReturnType<typeof import('node:http').createServer>;
  return siteOf(server.listen(0, '127.0.0.1'));
}

const framework: WebFramework = {
  name: 'Hono',
  breakerBoxErrors,
  serve(handler, options) {
    const app = new Hono();
    if (options !== 'unmapped') app.onError(breakerBoxErrors(options));
    app.all('/', async (context) => context.text(String(await handler({ header: (name, value) => context.header(name, value) }))));
    return listen(app);
  },
};

itAnswersPolicyErrors(framework);

describe('in a Hono application', () => {
  let app: Hono;
  let site: Site | undefined;
  const url = async (): Promise<string> => (site = await listen(app)).url;
  const fail = (error: unknown) => (): never => {
    throw error;
  };

  beforeEach(() => {
    app = new Hono();
    site = undefined;
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await site?.close();
  });

  it('leaves an HTTPException its own response, with what the context says', async () => {
    const told = async (mapped: boolean): Promise<unknown> => {
      const one = new Hono();
      if (mapped) one.onError(breakerBoxErrors());
      one.get('/', (context) => {
        context.header('x-request-id', '7');
        throw new HTTPException(401, { res: new Response('who are you?', { status: 401, headers: { 'www-authenticate': 'Basic' } }) });
      });
      const response = await one.request('/');
      return [response.status, [...response.headers], await response.text()];
    };
    expect(await told(true)).toEqual(await told(false));
    expect(await told(true)).toEqual([401, expect.arrayContaining([['www-authenticate', 'Basic'], ['x-request-id', '7']]), 'who are you?']);
    expect(console.error).not.toHaveBeenCalled();
  });

  it('leaves other errors to Hono’s ways, as they are without a handler', async () => {
    const told = async (mapped: boolean): Promise<unknown> => {
      const one = new Hono();
      if (mapped) one.onError(breakerBoxErrors());
      const response = await one.get('/', (context) => {
        context.header('x-request-id', '7');
        context.status(201);
        throw new Error('down');
      }).request('/');
      return [response.status, [...response.headers], await response.text()];
    };
    expect(await told(true)).toEqual(await told(false));
  });

  it('hands other errors to `otherwise`, with the context', async () => {
    app.onError(breakerBoxErrors({ otherwise: (error, context) => context.json({ own: error.message, path: context.req.path }, 500) }));
    app.get('/down', fail(new Error('down'))).get('/open', fail(circuitOpen()));
    const at = await url();
    expect(await (await fetch(`${at}down`)).json()).toEqual({ own: 'down', path: '/down' });
    expect((await fetch(`${at}open`)).status).toBe(503);
    expect(console.error).not.toHaveBeenCalled();
  });

  it('in a part of an application, hands on what `otherwise` throws', async () => {
    const part = new Hono().onError(breakerBoxErrors({ otherwise: (error) => {
      throw error;
    } }));
    part.get('/down', fail(new Error('down'))).get('/open', fail(circuitOpen()));
    app.route('/part', part).onError((error, context) => context.text(`root: ${error.message}`, 500));
    const at = await url();
    expect(await (await fetch(`${at}part/down`)).text()).toBe('root: down');
    expect((await fetch(`${at}part/open`)).status).toBe(503);
  });

  it('keeps the headers of middleware: CORS', async () => {
    app.use(cors({ origin: 'https://app.example' }), async (context, next) => {
      context.res.headers.append('set-cookie', 'a=1');
      context.res.headers.append('set-cookie', 'b=2');
      context.res.headers.set('etag', '"1"');
      await next();
    });
    app.onError(breakerBoxErrors());
    app.get('/', fail(circuitOpen()));
    const response = await fetch(await url(), { headers: { origin: 'https://app.example' } });
    expect(response.status).toBe(503);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([response.headers.get('etag'), response.headers.get('retry-after')]).toEqual([null, '12']);
    expect(await response.json()).toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('answers in place of a response that middleware refuses, whatever that said of its body', async () => {
    app.use(async (_context, next) => {
      await next();
      throw circuitOpen();
    });
    app.onError(breakerBoxErrors());
    app.get('/', (context) => context.body('a long text', 200, { 'content-length': '11', 'content-type': 'text/plain', 'cache-control': 'public, max-age=60' }));
    const response = await fetch(await url());
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control')]).toEqual([503, 'application/json; charset=utf-8', null]);
    expect(await response.json()).toMatchObject({ code: 'BREAKER_OPEN' });
  });

  it('refuses an `otherwise` that is no function', () => {
    expect(() => breakerBoxErrors({ otherwise: 'log' as never })).toThrow('breakerBoxErrors: otherwise: must be a function; received \'log\'');
  });
});
