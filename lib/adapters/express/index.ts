import { options, resolve } from '../../core/check';
import { answerTo, errorMapperOptions, OF_ANOTHER_BODY, type ErrorMapperOptions } from '../../http/error-answer';

export type { ErrorAnswer, ErrorMapperOptions } from '../../http/error-answer';

/** As much of a response as is used: Node's own, so that Connect and its kin will do as well. */
export interface ServerResponseLike {
  readonly headersSent: boolean;
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
  end(body: string): unknown;
}

const schema = options(errorMapperOptions);

/**
 * Express error middleware that answers what policies ended: 503 for an open circuit, a full bulkhead and a throttled call, 429 for a
 * rate limit, 504 for a timeout, each with `Retry-After` where the time is known. Every other error, and one that comes when
 * the response has begun, goes to the error middleware after it, or to Express. For Express 4 and 5; add it after the routes.
 *
 * @example app.use(breakerBoxErrors());
 * @throws {@link ConfigurationError} that names every wrong option.
 */
export function breakerBoxErrors(given: ErrorMapperOptions = {}) {
  const { answer: shape } = resolve(schema, given, 'breakerBoxErrors');
  // Express knows error middleware by its four parameters.
  return (error: unknown, _request: unknown, response: ServerResponseLike, next: (error?: unknown) => void): void => {
    const answer = response.headersSent ? undefined : answerTo(error, shape);
    if (answer === undefined) {
      next(error);
      return;
    }
    for (const name of OF_ANOTHER_BODY) response.removeHeader(name);
    for (const [name, value] of answer.headers) response.setHeader(name, value);
    // Node forgets to count the body where a length was removed.
    response.setHeader('content-length', String(Buffer.byteLength(answer.text)));
    response.statusCode = answer.status;
    response.end(answer.text);
  };
}
