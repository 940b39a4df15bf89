import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How the endpoint meets one request. */
export type Turn = (response: ServerResponse) => Promise<void> | void;

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const overloaded = { error: { type: 'overloaded_error', message: 'Overloaded' } };

export const turn = {
  /** Refuses, with a status and headers. */
  refuse: (status: number, headers: Record<string, string> = {}, type = 'api_error'): Turn => (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ type: 'error', error: { type } }));
  },
  /** Begins a stream well, and breaks off before the first word. */
  breakEarly: (): Turn => async (response) => {
    await begin(response);
    response.destroy();
  },
  /** Says some words, a few milliseconds apart, and ends well, or with an overload. */
  speak: (words: readonly string[], ending: 'well' | 'overloaded' = 'well'): Turn => async (response) => {
    await begin(response);
    for (const text of words) {
      response.write(event('content_block_delta', { delta: { text } }));
      await sleep(5);
    }
    response.end(ending === 'well' ? event('message_stop', {}) : event('error', overloaded));
  },
};

async function begin(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event('message_start', {}));
  await sleep(20);
}

/** A real HTTP endpoint that streams server-sent events as a language model's does, and misbehaves by a script. */
export class SseModel implements AsyncDisposable {
  requests = 0;
  #script: Turn[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests += 1;
      request.resume();
      const next = this.#script.shift() ?? turn.refuse(500);
      // A client that goes away in the middle of a stream is its own business.
      void Promise.resolve(next(response)).catch(() => response.destroy());
    });
  }

  static async start(): Promise<SseModel> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SseModel(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1/messages`;
  }

  /** The next requests meet these turns, one each. */
  play(...script: Turn[]): void {
    this.#script = script;
    this.requests = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
