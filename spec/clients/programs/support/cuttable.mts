import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Leads to a port of this machine until it is cut: then every connection ends, and no other is taken. */
export async function cuttable(target: number): Promise<{ port: number; cut: (how: 'reset' | 'close') => void }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) open.add(socket.on('error', () => undefined));
    client.pipe(upstream).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (how: 'reset' | 'close'): void => {
    server.close();
    for (const socket of open) how === 'reset' ? socket.resetAndDestroy() : socket.end();
    open.clear();
  };
  return { port: (server.address() as AddressInfo).port, cut };
}

/** A port of this machine that takes connections and says nothing. */
export async function silent(): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
