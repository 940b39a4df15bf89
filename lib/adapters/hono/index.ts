import { optional, options, resolve } from '../../core/check';
import { fn } from '../../core/options';
import { propertyOf } from '../../core/safe-inspect';
import { answerTo, errorMapperOptions, OF_ANOTHER_BODY, type ErrorMapperOptions } from '../../http/error-answer';

export type { ErrorAnswer, ErrorMapperOptions } from '../../http/error-answer';

/** As much of Hono's context as is used. */
export interface ContextLike {
  header(name: string, value: string | undefined): void;
  status(status: number): void;
  newResponse(body: string | Response['body'], init?: Response): Response;
}

/** Options of the mapper for Hono. */
export interface HonoErrorOptions<Context = unknown> extends ErrorMapperOptions {
  /**
   * Handles the errors that the mapper does not, as a handler for `onError` does. One that throws hands the error on to the
   * application around.
   * @defaultValue as Hono does without a handler: the response of an `HTTPException`, else a line in the console and 500
   */
  otherwise?: ((error: Error, context: Context) => Response | Promise<Response>) | undefined;
}

const schema = /* @__PURE__ */ options({ ...errorMapperOptions, otherwise: optional(fn<NonNullable<HonoErrorOptions['otherwise']>>()) });

/**
 * Handler for Hono's `onError` that answers what policies ended: 503 for an open circuit, a full bulkhead and a throttled call, 429
 * for a rate limit, 504 for a timeout, each with `Retry-After` where the time is known. Every other error goes to `otherwise`.
 *
 * @example app.onError(breakerBoxErrors());
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function breakerBoxErrors<Context extends ContextLike = ContextLike>(given: HonoErrorOptions<Context> = {}) {
  const { answer: shape } = resolve(schema, given, 'breakerBoxErrors');
  const { otherwise = answerAsHono } = given;
  return (error: Error, context: Context): Response | Promise<Response> => {
    const answer = answerTo(error, shape);
    if (answer === undefined) return otherwise(error, context);
    for (const name of OF_ANOTHER_BODY) context.header(name, undefined);
    // On the context, not on the response: Hono lets what the context says win.
    for (const [name, value] of answer.headers) context.header(name, value);
    context.status(answer.status);
    return context.newResponse(answer.text);
  };
}

/** The same as Hono's own error handler, which it does not export. */
function answerAsHono(error: Error, context: ContextLike): Response {
  if (hasResponse(error)) {
    const response = error.getResponse();
    return context.newResponse(response.body, response);
  }
  globalThis.console.error(error);
  context.header('content-type', 'text/plain; charset=UTF-8');
  context.status(500);
  return context.newResponse('Internal Server Error');
}

/** An `HTTPException`, or an error that brings its response as one does. */
function hasResponse(error: Error): error is Error & { getResponse(): Response } {
  return typeof propertyOf(error, 'getResponse') === 'function';
}
