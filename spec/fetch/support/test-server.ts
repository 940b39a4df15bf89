import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server was sent. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export const status = (code: number, body = 'a body', headers: Record<string, string> = {}): Answer => (response) => {
  response.writeHead(code, headers).end(body);
};

/** A real HTTP server on 127.0.0.1 that goes through a script, the last answer of which it repeats. */
export class TestServer {
  readonly received: Received[] = [];
  /** Requests whose client went away before it had its answer. */
  dropped = 0;
  #script: Answer[] = [status(200)];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<TestServer> {
    const server = new TestServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path = '/'): string {
    return `http://${this.host}${path}`;
  }

  answers(...script: Answer[]): void {
    this.#script = script;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    response.on('close', () => {
      if (!response.writableFinished) this.dropped++;
    });
    try {
      for await (const chunk of request) body += String(chunk);
    } catch {
      return; // its client went away
    }
    this.received.push({ method: request.method ?? '', path: request.url ?? '', body });
    const answer = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    answer?.(response, request);
  }
}

/** Waits, by the event loop alone, until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
