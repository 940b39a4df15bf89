import { once } from 'node:events';
import { connect, createServer, type Server, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** What can befall one statement. `lost` carries it out, and then loses the connection before the answer. */
export type Mishap = 'deadlock' | 'lost';

/**
 * A real TCP server that keeps numbers, a statement a line: `GET name`, `SET name n`, `ADD name n`. It answers `OK n`, or
 * `ERROR` with an SQLSTATE.
 */
export class LineDatabase implements AsyncDisposable {
  /** Statements that arrived. */
  statements = 0;
  /** The most that ran at a time. */
  busiest = 0;
  readonly #numbers = new Map<string, number>();
  readonly #sockets = new Set<Socket>();
  #mishaps: Mishap[] = [];
  #running = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      // A client that goes away is its own business.
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      createInterface({ input: socket }).on('line', (line) => void this.#run(line, socket));
    });
  }

  static async start(port = 0): Promise<LineDatabase> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new LineDatabase(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  valueOf(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  /** The next statements meet these, one each. */
  misbehave(...mishaps: Mishap[]): void {
    this.#mishaps = mishaps;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #run(line: string, socket: Socket): Promise<void> {
    this.statements += 1;
    this.busiest = Math.max(this.busiest, ++this.#running);
    await sleep(10);
    this.#running--;
    const mishap = this.#mishaps.shift();
    if (mishap === 'deadlock') {
      socket.write('ERROR 40P01 deadlock detected\n');
      return;
    }
    const [verb = '', name = '', amount = '0'] = line.split(' ');
    const value = verb === 'SET' ? Number(amount) : this.valueOf(name) + (verb === 'ADD' ? Number(amount) : 0);
    this.#numbers.set(name, value);
    if (mishap === 'lost') socket.destroy();
    else socket.write(`OK ${value}\n`);
  }
}

/** Runs one statement on a connection of its own, and rejects as drivers do: with a `code`. */
export async function statement(port: number, text: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(`${text}\n`);
    for await (const line of createInterface({ input: socket })) {
      const [verdict, code = '', ...words] = line.split(' ');
      if (verdict === 'OK') return Number(code);
      throw Object.assign(new Error(words.join(' ')), { code });
    }
    throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
  } finally {
    socket.destroy();
  }
}
