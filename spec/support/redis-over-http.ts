import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'redis';
import type { RedisServer } from './redis-server';

type Reply = { readonly result: unknown } | { readonly error: string };

/** A real server's commands over HTTP, in Upstash's format. */
export class RedisOverHttp {
  static readonly token = 'secret';
  /** Of each request, the command. */
  readonly asked: string[] = [];
  /** In place of an answer of the server. */
  instead: { readonly status: number; readonly body: string } | undefined;

  private constructor(
    private readonly http: Server,
    private readonly client: Pick<ReturnType<typeof createClient>, 'sendCommand' | 'destroy'>,
  ) {}

  static async start(server: RedisServer): Promise<RedisOverHttp> {
    const client = createClient({ url: server.url }).on('error', () => undefined);
    await client.connect();
    const http = createServer((request, response) => {
      void started.#answer(request).then(({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(body));
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const started = new RedisOverHttp(http, client);
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const body = (await request.toArray()).join('');
    if (this.instead !== undefined) return this.instead;
    if (request.method !== 'POST' || request.headers.authorization !== `Bearer ${RedisOverHttp.token}`) return { status: 401, body: JSON.stringify({ error: 'WRONGPASS invalid or missing auth token' }) };
    const command = JSON.parse(body) as string[];
    this.asked.push(command[0]!);
    const reply: Reply = await this.client.sendCommand(command).then((result) => ({ result }), (error: Error) => ({ error: error.message }));
    return { status: 'error' in reply ? 400 : 200, body: JSON.stringify(reply) };
  }
}
