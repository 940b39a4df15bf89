import { optional, options, resolve } from '../../core/check';
import { fn } from '../../core/options';
import { answerTo, errorMapperOptions, OF_ANOTHER_BODY, type ErrorMapperOptions } from '../../http/error-answer';

export type { ErrorAnswer, ErrorMapperOptions } from '../../http/error-answer';

/** As much of Fastify's reply as is used. */
export interface ReplyLike {
  readonly raw: { readonly headersSent: boolean };
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
  serializer(serialize: (payload: string) => string): unknown;
  send(payload: string): unknown;
}

/** Options of the error handler for Fastify. */
export interface FastifyErrorOptions<Request = unknown, Reply = unknown> extends ErrorMapperOptions {
  /**
   * Handles the errors that the mapper does not, as an error handler of Fastify does; annotate its parameters as
   * `FastifyRequest` and `FastifyReply`.
   * @defaultValue the error handler of the scope around, in the end Fastify's own
   */
  otherwise?: ((error: unknown, request: Request, reply: Reply) => unknown) | undefined;
}

const schema = options({ ...errorMapperOptions, otherwise: optional(fn<NonNullable<FastifyErrorOptions['otherwise']>>()) });

const asItIs = (text: string): string => text;

/**
 * Fastify error handler that answers what policies ended: 503 for an open circuit, a full bulkhead and a throttled call, 429 for a
 * rate limit, 504 for a timeout, each with `Retry-After` where the time is known. Every other error, and one that comes when
 * the response has begun, goes to `otherwise`. Nothing is logged of what it answers.
 *
 * @example app.setErrorHandler(breakerBoxErrors());
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function breakerBoxErrors<Request = unknown, Reply extends ReplyLike = ReplyLike>(given: FastifyErrorOptions<Request, Reply> = {}) {
  const { answer: shape } = resolve(schema, given, 'breakerBoxErrors');
  const { otherwise = passOn } = given;
  return function answerError(this: unknown, error: unknown, request: Request, reply: Reply): unknown {
    const answer = reply.raw.headersSent ? undefined : answerTo(error, shape);
    if (answer === undefined) return otherwise.call(this, error, request, reply);
    for (const name of OF_ANOTHER_BODY) reply.removeHeader(name);
    for (const [name, value] of answer.headers) reply.header(name, value);
    reply.code(answer.status);
    // A serializer of the route is for its own payloads.
    reply.serializer(asItIs);
    reply.send(answer.text);
    return undefined;
  };
}

/** Not by a throw: Fastify would send a thrown text, as a success, in place of handing it on. */
function passOn(error: unknown): Promise<never> {
  return Promise.reject(error);
}
