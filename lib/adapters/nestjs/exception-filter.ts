import { Catch, Dependencies, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { httpErrorOf, type HttpError } from '../../http/http-error';

/**
 * The errors that the filter catches. Nest asks `instanceof`, which is answered here by the error's code: errors of another copy of
 * breaker-box are caught too, and those that are nobody's answer (a wrong configuration) are left to other filters.
 */
class PolicyRejection {
  static [Symbol.hasInstance](error: unknown): boolean {
    return httpErrorOf(error) !== undefined;
  }
}

/**
 * Answers an HTTP request whose call a policy ended, with `Retry-After` where the time is known: 503 for an open circuit, a full
 * bulkhead and a throttled call, 429 for a rate limit, 504 for a timeout. The body has `statusCode`, `error`, `message` and
 * `code`, and tells nothing of the operation.
 *
 * Microservices, GraphQL and other contexts report the error as they do without this filter. A gateway that names the filter
 * itself emits `exception` with the message, as Nest does for a `WsException`.
 */
@Catch(PolicyRejection)
@Dependencies(HttpAdapterHost)
export class BreakerBoxExceptionFilter implements ExceptionFilter {
  readonly #host: HttpAdapterHost;

  /** @param host - `app.get(HttpAdapterHost)` where Nest does not inject it. */
  constructor(host: HttpAdapterHost) {
    this.#host = host;
  }

  catch(exception: unknown, host: ArgumentsHost): void {
    const answer = httpErrorOf(exception);
    if (answer === undefined) return;
    if (host.getType() === 'http') this.#reply(host.switchToHttp().getResponse(), answer);
    else if (host.getType() === 'ws') emit(host.switchToWs().getClient(), answer);
  }

  #reply(response: unknown, { status, headers, body }: HttpError): void {
    const { httpAdapter } = this.#host;
    // An answer that began to stream cannot become another one.
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.reply(response, body, status);
  }
}

function emit(client: { emit?: (event: string, data: unknown) => unknown }, { body }: HttpError): void {
  client.emit?.('exception', { status: 'error', message: body.message });
}
