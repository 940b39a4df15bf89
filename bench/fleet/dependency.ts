import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monotonicMs } from './monotonic';

/** Longer than a connection of a fleet is idle: one that is closed just when it is used again fails a call that never came here. */
const KEEP_ALIVE_MS = 600_000;

/** A request that the dependency has met, and answers when it is told to. */
export class Request {
  readonly arrivedAtMs = monotonicMs();
  /** By the clock that redis-server goes by, too. */
  readonly arrivedAtWallMs = Date.now();
  answeredAtMs = Infinity;

  constructor(
    /** Of the process that made it. */
    readonly pid: number,
    private readonly response: ServerResponse,
  ) {}

  answer(status: number): void {
    this.answeredAtMs = monotonicMs();
    this.response.writeHead(status).end();
  }
}

/** What all processes call, on 127.0.0.1: it keeps a log. */
export class Dependency implements AsyncDisposable {
  readonly log: Request[] = [];

  private constructor(private readonly server: Server, respond: (request: Request) => void) {
    server.on('request', ({ headers }, response) => {
      const request = new Request(Number(headers['x-process']), response);
      this.log.push(request);
      respond(request);
    });
  }

  /** @param respond - Told of each request. */
  static async start(respond: (request: Request) => void): Promise<Dependency> {
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Dependency(server, respond);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
