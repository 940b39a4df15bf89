import { createRequire } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../core/clock';
import { asText, propertyOf } from '../core/safe-inspect';
import { startTimer } from '../core/timer';
import { Failure } from './failure';

/** A connection to a Redis server: commands, word by word. */
export interface Connection {
  /** @throws {@link Failure} when the server is away, or says that it cannot. */
  send(...words: string[]): Promise<unknown>;
  close(): void;
}

type Send = (words: string[]) => Promise<unknown>;

/** What is used of the package of a client. It is whatever the user has installed: nothing is known of it before it is there. */
interface NodeRedis {
  createClient(options: object): NodeRedisClient;
}

interface NodeRedisClient {
  on(event: 'error', listener: (error: unknown) => void): void;
  connect(): Promise<unknown>;
  sendCommand: Send;
  /** Not in version 4, which has `disconnect` for it. */
  destroy?(): void;
  disconnect(): Promise<void>;
}

interface Ioredis {
  Redis: new (url: string, options: object) => { on(event: 'error', listener: (error: unknown) => void): void; connect(): Promise<unknown>; call(...words: string[]): Promise<unknown>; disconnect(): void };
}

interface Opened {
  readonly connected: Promise<unknown>;
  readonly send: Send;
  readonly close: () => void;
}

const WITHIN_MS = 5000;

/** In the order in which they are looked for. */
const CLIENTS: readonly { readonly name: string; readonly open: (module: unknown, url: string, onError: (error: unknown) => void) => Opened }[] = [
  { name: 'redis', open: openNodeRedis },
  { name: 'ioredis', open: openIoredis },
  { name: 'iovalkey', open: openIoredis },
];

/**
 * Connects by the client that is installed in the user's project, once: who is told that a server is away tries again.
 *
 * @throws {@link Failure}
 */
export async function connect(url: string): Promise<Connection> {
  const server = serverOf(url);
  const { open, module } = installedClient();
  // A client may reject with less than it has told its listeners.
  let told: unknown;
  const { connected, send, close } = open(module, url, (error) => (told = error));
  const orFail = (promise: Promise<unknown>, what: string): Promise<unknown> =>
    within(promise).catch((reason: unknown) => {
      throw new Failure(`${what}: ${messageOf(told ?? reason)}`);
    });
  try {
    await orFail(connected, `cannot reach Redis at ${server}`);
  } catch (failure) {
    close();
    throw failure;
  }
  return { send: (...words) => orFail(send(words), `Redis at ${server}`), close };
}

/** Host and port, without a password. @throws {@link Failure} */
function serverOf(url: string): string {
  const { protocol = '', host = '' } = URL.canParse(url) ? new URL(url) : {};
  if (/^rediss?:$/.test(protocol) && host !== '') return host;
  throw new Failure('--redis must be a URL such as redis://127.0.0.1:6379, or rediss:// for TLS', 2);
}

/** What the user's project has installed, else what breaker-box finds beside itself. */
function installedClient() {
  for (const folder of [join(process.cwd(), 'package.json'), __filename]) {
    for (const { name, open } of CLIENTS) {
      const module = loaded(name, createRequire(folder));
      if (module !== undefined) return { module, open };
    }
  }
  throw new Failure(`none of ${CLIENTS.map(({ name }) => name).join(', ')} is installed here, and one is needed to reach Redis: npm install redis`);
}

/** What is there and does not load says so itself. */
function loaded(name: string, from: NodeJS.Require): unknown {
  try {
    from.resolve(name);
  } catch {
    return undefined;
  }
  return from(name);
}

function openNodeRedis(module: unknown, url: string, onError: (error: unknown) => void): Opened {
  const client = (module as NodeRedis).createClient({ url, socket: { reconnectStrategy: false, connectTimeout: WITHIN_MS } });
  client.on('error', onError);
  return { connected: client.connect(), send: async (words) => client.sendCommand(words), close: quietly(() => (client.destroy === undefined ? client.disconnect() : client.destroy())) };
}

function openIoredis(module: unknown, url: string, onError: (error: unknown) => void): Opened {
  const client = new (module as Ioredis).Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: WITHIN_MS });
  client.on('error', onError);
  return { connected: client.connect(), send: async (words) => client.call(...words), close: quietly(() => client.disconnect()) };
}

/** A client that was never connected may refuse to be closed. */
function quietly(close: () => unknown): () => void {
  return () => {
    // Then there is nothing to close.
    (async () => close())().catch(() => undefined);
  };
}

/** A server that is stopped takes a connection, and never answers. */
async function within<T>(promise: Promise<T>): Promise<T> {
  let cancel = (): void => undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    cancel = startTimer(systemClock, WITHIN_MS, () => {
      reject(new Error(`no answer within ${WITHIN_MS / 1000} s`));
    });
  });
  return Promise.race([promise, timeout]).finally(cancel);
}

function messageOf(error: unknown): string {
  // Of several addresses that were tried, each has an error of its own, and the whole has no message.
  const [first] = (propertyOf(error, 'errors') ?? []) as readonly unknown[];
  const message = propertyOf(first ?? error, 'message');
  return (typeof message === 'string' && message !== '' ? message : asText(propertyOf(error, 'code') ?? error)).replace(/\s+/g, ' ');
}
