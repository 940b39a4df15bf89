import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Asks the service behind, and gives the status that it answered. */
export type Behind = () => Promise<number>;

/** A real HTTP service that answers what the service behind it answers; the last one of a chain has its own status. */
export class Relay implements AsyncDisposable {
  hits = 0;

  private constructor(private readonly server: Server, private readonly behind: Behind) {
    server.on('request', (_request, response) => {
      this.hits += 1;
      void this.behind().then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(502).end(),
      );
    });
  }

  static async start(behind: Behind): Promise<Relay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Relay(server, behind);
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
