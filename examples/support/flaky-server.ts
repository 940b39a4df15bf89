import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Source } from './content';
import { respond } from './respond';
import { Route } from './route';

/**
 * A real HTTP server on 127.0.0.1 whose routes fail, hang, slow down and recover when told to.
 *
 * A route is a path prefix: `/files/` serves `/files/a` as the name `a`. Use it with `await using`: it closes itself,
 * and the process can exit, when the block ends, however it ends.
 */
export class FlakyServer<Path extends string = string> implements AsyncDisposable {
  private constructor(private readonly server: Server, private readonly routes: ReadonlyMap<string, Route>) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#serve(request.url ?? '/', response));
  }

  static async start<Path extends string>(sources: Readonly<Record<Path, Source>>): Promise<FlakyServer<Path>> {
    const routes = Object.entries<Source>(sources).map(([path, source]) => [path, new Route(source)] as const);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FlakyServer<Path>(server, new Map(routes));
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return this.origin + path;
  }

  /** Requests that reached the server, on all routes. */
  get hits(): number {
    return Array.from(this.routes.values()).reduce((sum, route) => sum + route.hits, 0);
  }

  route(path: Path): Route {
    const route = this.routes.get(path);
    if (!route) throw new Error(`no route ${path}`);
    return route;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    // Hung requests and idle keep-alive connections would keep the server, and with it the process, alive.
    this.server.closeAllConnections();
    await closed;
  }

  #serve(url: string, response: ServerResponse): void {
    for (const [prefix, route] of this.routes) {
      if (!url.startsWith(prefix)) continue;
      const fault = route.arrive();
      const content = route.content(decodeURIComponent(url.slice(prefix.length)));
      // A client that goes away in the middle of a body is its own business.
      respond(response, content, fault).catch(() => response.destroy());
      return;
    }
    response.writeHead(404).end();
  }
}
