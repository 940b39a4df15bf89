import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ErrorMapperOptions } from '../../../lib/http/error-answer';

/** What a handler of a site can do before it fails, whichever the framework. */
interface Exchange {
  header(name: string, value: string): void;
}

export type Handler = (exchange: Exchange) => unknown;

/** A server of a web framework, listening. */
export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** A web framework as the contract sees it. */
export interface WebFramework {
  readonly name: string;
  /** Its `breakerBoxErrors`. */
  readonly breakerBoxErrors: (options?: ErrorMapperOptions) => unknown;
  /**
   * Serves `/` by a handler, which returns a text or fails.
   *
   * @param options - Of the mapper; `'unmapped'` for a site without one.
   */
  serve(handler: Handler, options?: ErrorMapperOptions | 'unmapped'): Promise<Site>;
}

/** The site of a Node server, on a free port of 127.0.0.1. */
export async function siteOf(server: Server): Promise<Site> {
  if (!server.listening) await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
