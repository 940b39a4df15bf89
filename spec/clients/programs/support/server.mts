import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createPlainServer, type AddressInfo, type Server } from 'node:net';

/** What a server does with a request. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on 127.0.0.1 that does with each request what it was told last. */
export interface Served {
  readonly url: string;
  answer: Answer;
  close(): void;
}

export async function serve(): Promise<Served> {
  const server = createServer((request, response) => {
    request.resume();
    served.answer(request, response);
  });
  const port = await listening(server);
  const served: Served = {
    url: `http://127.0.0.1:${port}`,
    answer: hang,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return served;
}

/** The port of a server once it listens, on 127.0.0.1. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** A port that nobody listens on. */
export async function unusedPort(): Promise<number> {
  const server = createPlainServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Never answers. */
export const hang: Answer = () => undefined;

/** Ends the connection without an answer. */
export const close: Answer = (_request, response) => void response.socket?.end();

/** Resets the connection without an answer. */
export const reset: Answer = (_request, response) => void response.socket?.resetAndDestroy();

/** Answers with JSON. There is no `Date` but that of `headers`. */
export function json(status: number, body: object, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.sendDate = false;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** Sends the beginning of an answer, then loses the connection. */
export function cut(beginning: string, contentType: string): Answer {
  return (_request, response) => {
    response.sendDate = false;
    response.writeHead(200, { 'content-type': contentType, 'content-length': '1000' });
    response.write(beginning);
    setTimeout(() => response.destroy(), 10);
  };
}

/** Sends the beginning of an answer, and never the rest. */
export function stall(beginning: string, contentType: string): Answer {
  return (_request, response) => {
    response.sendDate = false;
    response.writeHead(200, { 'content-type': contentType, 'content-length': '1000' });
    response.write(beginning);
  };
}

/** Server-sent events, to their end. */
export function events(...texts: string[]): Answer {
  return (_request, response) => {
    response.sendDate = false;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(texts.map((text) => `${text}\n\n`).join(''));
  };
}

/** The three ways to say “in ten seconds”, or nearly so. The clock of this server is wrong: its date is long past. */
export const WAITS = {
  'Retry-After in seconds': { 'retry-after': '10' },
  'Retry-After as a date, by a clock that is wrong': { date: 'Thu, 01 Jan 2026 12:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 12:00:10 GMT' },
  'retry-after-ms': { 'retry-after-ms': '10500' },
} as const;
