import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { breakerBoxErrors } from '../../../lib/adapters/fastify';
import { failureOf, outcomeOf } from '../../../scripts/support/process';
import { circuitOpen, itAnswersPolicyErrors } from '../shared/error-mapper-contract';
import type { WebFramework } from '../shared/web-framework';

const framework: WebFramework = {
  name: 'Fastify',
  breakerBoxErrors,
  async serve(handler, options) {
    const app = fastify();
    if (options !== 'unmapped') app.setErrorHandler(breakerBoxErrors(options));
    // Fastify adds HEAD itself.
    app.route({ url: '/', method: ['GET', 'POST'], handler: async (_request, reply) => handler({ header: (name, value) => void reply.header(name, value) }) });
    return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/`, close: () => app.close() };
  },
};

itAnswersPolicyErrors(framework);

describe('in a Fastify application', () => {
  let app: FastifyInstance;
  const listen = (): Promise<string> => app.listen({ port: 0, host: '127.0.0.1' });
  const fail = (error: unknown) => async (): Promise<never> => {
    throw error;
  };

  beforeEach(() => {
    app = fastify();
  });
  afterEach(() => app.close());

  it('leaves a thrown text, number and nothing to Fastify', async () => {
    const told = async (mapped: boolean): Promise<unknown[]> => {
      app = fastify();
      if (mapped) app.setErrorHandler(breakerBoxErrors());
      app.get('/text', fail('a text')).get('/nothing', fail(undefined)).get('/number', fail(7));
      const url = await listen();
      const responses = await Promise.all(['/text', '/nothing', '/number'].map((path) => fetch(url + path)));
      const answers = await Promise.all(responses.map(async (response) => [response.status, response.headers.get('content-type'), await response.text()]));
      await app.close();
      return answers;
    };
    expect(await told(true)).toEqual(await told(false));
  });

  it('hands other errors to `otherwise`, with `this`, request and reply', async () => {
    const seen: unknown[] = [];
    app.setErrorHandler(breakerBoxErrors({
      otherwise(this: unknown, error, request: FastifyRequest, reply: FastifyReply) {
        seen.push(this, request.url);
        return reply.code(500).send({ own: (error as Error).message });
      },
    }));
    app.get('/down', fail(new Error('down'))).get('/open', fail(circuitOpen()));
    const url = await listen();
    expect(await (await fetch(`${url}/down`)).json()).toEqual({ own: 'down' });
    expect((await fetch(`${url}/open`)).status).toBe(503);
    expect(seen).toEqual([app, '/down']);
  });

  it('hands other errors to the handler of the scope around it', async () => {
    app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ root: error.message }));
    await app.register(async (child) => {
      child.setErrorHandler(breakerBoxErrors());
      child.get('/down', fail(new Error('down'))).get('/open', fail(circuitOpen()));
    });
    const url = await listen();
    expect(await (await fetch(`${url}/down`)).json()).toEqual({ root: 'down' });
    expect((await fetch(`${url}/open`)).status).toBe(503);
  });

  it('is asked by the handler of a scope inside it that throws the error again', async () => {
    app.setErrorHandler(breakerBoxErrors());
    await app.register(async (child) => {
      child.setErrorHandler(async (error) => {
        throw error;
      });
      child.get('/', fail(circuitOpen()));
    });
    expect((await fetch(await listen())).status).toBe(503);
  });

  it('answers for hooks, and as the handler of one route', async () => {
    app.get('/hook', { preHandler: fail(circuitOpen()), errorHandler: breakerBoxErrors() }, async () => 'never');
    app.get('/other', fail(circuitOpen()));
    const url = await listen();
    expect([(await fetch(`${url}/hook`)).status, (await fetch(`${url}/other`)).status]).toEqual([503, 500]);
  });

  it('goes by neither the schema nor the serializer of the route, and through its hooks', async () => {
    const sent: unknown[] = [];
    app.setErrorHandler(breakerBoxErrors());
    app.addHook('onSend', async (_request, _reply, payload) => {
      await Promise.resolve();
      sent.push(payload);
      return payload;
    });
    const response = { '5xx': { type: 'object', required: ['trace'], properties: { trace: { type: 'string' } } } };
    app.get('/', { schema: { response } }, async (_request, reply) => {
      reply.serializer(() => 'serialized');
      throw circuitOpen();
    });
    const answer = await fetch(await listen());
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(sent).toEqual([text]);
  });

  it('answers for a stream that fails before its first part', async () => {
    app.setErrorHandler(breakerBoxErrors());
    app.get('/', (_request, reply) => {
      async function* parts(): AsyncGenerator<string> {
        await Promise.resolve();
        throw circuitOpen();
      }
      return reply.type('video/mp4').send(Readable.from(parts()));
    });
    const response = await fetch(await listen());
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/json; charset=utf-8']);
  });

  it('does not touch a response that has begun: Fastify cuts it, and serves on', async () => {
    app.setErrorHandler(breakerBoxErrors());
    app.get('/', (_request, reply) => {
      async function* parts(): AsyncGenerator<string> {
        yield 'the first part';
        throw circuitOpen();
      }
      return reply.send(Readable.from(parts()));
    });
    app.get('/well', async () => 'well');
    const url = await listen();
    const response = await fetch(url);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    expect(await (await fetch(`${url}/well`)).text()).toBe('well');
  });

  it('does not touch a response whose head was written past Fastify', () => {
    // By itself: Fastify knows the error of Node that comes then by `instanceof`, which Jest's own `Error` defeats.
    const result = outcomeOf('tsx', ['--eval', `
      import './scripts/support/dev';
      import fastify from 'fastify';
      import { BulkheadFullError } from './lib';
      import { breakerBoxErrors } from './lib/adapters/fastify';

      const app = fastify().setErrorHandler(breakerBoxErrors());
      app.get('/', async (_request, reply) => {
        reply.raw.write('the first part');
        throw new BulkheadFullError('db.users', 20, 0);
      });
      app.get('/well', async () => 'well');
      app.listen({ port: 0, host: '127.0.0.1' }).then(async (url) => {
        const response = await fetch(url);
        const reading = await response.text().catch((error) => error.message);
        const well = await (await fetch(url + '/well')).text();
        console.log(JSON.stringify([response.status, reading, well]));
        await app.close();
      });
    `], { timeout: 20_000, killSignal: 'SIGKILL' });
    expect(failureOf(result) ?? JSON.parse(result.stdout)).toEqual([200, 'terminated', 'well']);
  }, 30_000);

  it('refuses an `otherwise` that is no function', () => {
    expect(() => breakerBoxErrors({ otherwise: 'log' as never })).toThrow('breakerBoxErrors: otherwise: must be a function; received \'log\'');
  });
});
