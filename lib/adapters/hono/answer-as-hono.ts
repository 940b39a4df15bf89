import { propertyOf } from '../../core/thrown';

/** As much of Hono's context as is used. */
export interface ContextLike {
  header(name: string, value: string | undefined): void;
  status(status: number): void;
  newResponse(body: string | Response['body'], init?: Response): Response;
}

/** What Hono's own handler does, which it does not export. */
export function answerAsHono(error: Error, context: ContextLike): Response {
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
