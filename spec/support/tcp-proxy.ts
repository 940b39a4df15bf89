import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { machineMs, pass } from './machine-time';

/** Stands between clients and a server of this machine: delays what they say to each other, and leads to another server when told to. */
export class TcpProxy {
  /** How long everything takes that is sent from now on, each way, in milliseconds. */
  delayMs = 0;
  readonly #open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private target: number,
  ) {
    server.on('connection', (client) => {
      this.#lead(client);
    });
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Who connects from now on comes to another server; who is connected must do so again. */
  leadTo(target: number): void {
    this.target = target;
    this.#cut();
  }

  async stop(): Promise<void> {
    this.server.close();
    this.#cut();
    await once(this.server, 'close');
  }

  #lead(client: Socket): void {
    const server = connect(this.target, '127.0.0.1');
    const end = (): void => {
      for (const socket of [client, server]) {
        this.#open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, server]) this.#open.add(socket.on('error', end).on('close', end));
    this.#pipe(client, server);
    this.#pipe(server, client);
  }

  #pipe(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (chunk) => {
      const dueAt = machineMs() + this.delayMs;
      // One after the other, also when the delay has become less.
      last = last.then(async () => {
        const leftMs = dueAt - machineMs();
        if (leftMs > 0) await pass(leftMs);
        if (to.writable) to.write(chunk);
      });
    });
  }

  #cut(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
