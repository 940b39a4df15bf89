import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  sent: string;
  isSilent: boolean;
}

/** Stands between clients and a server of this machine, as a firewall that forgets connections: neither end hears that they are gone. */
export class SilencingProxy {
  readonly #lines = new Set<Line>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => this.#lead(client));
  }

  static async start(target: number): Promise<SilencingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new SilencingProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Lets nothing more pass on the connections that are there now, of those whose client has sent such bytes. */
  silence(isMeant: (sent: string) => boolean): void {
    for (const line of this.#lines) if (isMeant(line.sent)) line.isSilent = true;
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const { client, server } of this.#lines) for (const socket of [client, server]) socket.destroy();
    await once(this.server, 'close');
  }

  #lead(client: Socket): void {
    const line: Line = { client, server: connect(this.target, '127.0.0.1'), sent: '', isSilent: false };
    this.#lines.add(line);
    client.on('data', (chunk: Buffer) => {
      line.sent += chunk.toString('latin1');
      if (!line.isSilent) line.server.write(chunk);
    });
    line.server.on('data', (chunk: Buffer) => {
      if (!line.isSilent) client.write(chunk);
    });
    for (const [socket, other] of [[client, line.server], [line.server, client]] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (!line.isSilent) other.destroy();
      });
    }
  }
}
