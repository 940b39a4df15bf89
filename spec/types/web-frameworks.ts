/** The error mappers fit the frameworks' own types, and their handlers get them. */
import { expectTypeOf } from 'expect-type';
import express, { type ErrorRequestHandler } from 'express';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { Hono, type Context, type ErrorHandler } from 'hono';
import { breakerBoxErrors as expressErrors } from '../../lib/adapters/express';
import { breakerBoxErrors as fastifyErrors } from '../../lib/adapters/fastify';
import { breakerBoxErrors as honoErrors } from '../../lib/adapters/hono';

express().use(expressErrors());
express().use('/api', expressErrors({ answer: ({ status, body }) => ({ status, body: { title: body.error } }) }));
express.Router().use(expressErrors());
expectTypeOf(expressErrors()).toExtend<ErrorRequestHandler>();

fastify().setErrorHandler(fastifyErrors());
fastify({ http2: true }).setErrorHandler(fastifyErrors());
fastify().setErrorHandler(fastifyErrors({
  // `setErrorHandler` has type parameters of its own, so that nothing tells these types.
  otherwise: (error, request: FastifyRequest, reply: FastifyReply) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    return reply.code(500).send({ id: request.id });
  },
}));
fastify().get('/', { errorHandler: fastifyErrors() }, async () => 'well');

interface Env {
  Variables: { requestId: string };
}

new Hono().onError(honoErrors());
new Hono<Env>().basePath('/api').onError(honoErrors());
new Hono<Env>().onError(honoErrors({
  otherwise: (error, context) => {
    expectTypeOf(error).toEqualTypeOf<Error>();
    expectTypeOf(context).toExtend<Context<Env>>();
    return context.json({ id: context.get('requestId') }, 500);
  },
}));
expectTypeOf(honoErrors()).toExtend<ErrorHandler>();

// @ts-expect-error: an answer has a status
expressErrors({ answer: () => ({ body: 'none' }) });
// @ts-expect-error: an answer is given at once
expressErrors({ answer: async ({ status, body }) => ({ status, body }) });
// @ts-expect-error: Express has error middleware for that
expressErrors({ otherwise: () => undefined });
// @ts-expect-error: a Response is wanted
honoErrors({ otherwise: () => undefined });
