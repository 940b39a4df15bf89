import { Redis, type RedisOptions } from 'ioredis';
import { createClient, type RedisClientOptions } from 'redis';
import { cuttable, silent } from './support/cuttable.mts';
import { report, type Scenario } from './support/scenarios.mts';

const [port, replicaPort] = process.argv.slice(2).map(Number) as [number, number];

type Command = (...words: string[]) => Promise<unknown>;

interface Access {
  readonly port?: number;
  readonly password?: string;
  readonly commandMs?: number;
  readonly connectMs?: number;
}

interface Client {
  /** Not yet connected: the first command connects. */
  open(access: Access): Command;
}

function ioredis({ port: at = port, password, commandMs, connectMs }: Access, options: RedisOptions = {}): Redis {
  const said = { host: '127.0.0.1', port: at, ...(password !== undefined && { username: 'somebody', password }), commandTimeout: commandMs, connectTimeout: connectMs ?? 10_000, maxRetriesPerRequest: 1, ...options };
  return new Redis(said).on('error', () => undefined);
}

function nodeRedis({ port: at = port, password, connectMs = 5000 }: Access, options: RedisClientOptions = {}): Command {
  const client = createClient({
    ...(password !== undefined && { username: 'somebody', password }),
    socket: { host: '127.0.0.1', port: at, reconnectStrategy: false, connectTimeout: connectMs },
      ...options,
  }).on('error', () => undefined);
  let connected: Promise<unknown> | undefined;
  return async (...words) => {
    await (connected ??= client.connect());
    return client.sendCommand(words);
  };
}

const clients: Record<string, Client> = {
  ioredis: {
    open: (access) => {
      const client = ioredis(access);
      return (name, ...words) => client.call(name!, ...words);
    },
  },
  'node-redis': { open: nodeRedis },
};

async function cutDuring(client: Client, how: 'reset' | 'close'): Promise<unknown> {
  const proxy = await cuttable(port);
  const command = client.open({ port: proxy.port });
  await command('PING');
  const running = command('BLPOP', 'nothing', '0.3');
  setTimeout(() => proxy.cut(how), 50);
  return running;
}

/** Runs a command while the server is in a state, then leaves that. */
async function during(begin: string[], end: string[], then: () => Promise<unknown>): Promise<unknown> {
  const admin = clients.ioredis!.open({});
  await admin(...begin);
  try {
    return await then();
  } finally {
    await admin(...end);
  }
}

const script = 'while true do end';

function scenariosOf(client: Client): Record<string, Scenario> {
  const command = (words: string[], access: Access = {}): Scenario => () => client.open(access)(...words);
  return {
    'connection refused': command(['PING'], { port: 1 }),
    'connection reset': () => cutDuring(client, 'reset'),
    'connection closed': () => cutDuring(client, 'close'),
    'wrong type': async () => {
      const run = client.open({});
      await run('SET', 'text', 'a');
      await run('LPUSH', 'text', 'a');
    },
    'syntax error': command(['SET', 'a']),
    'no such command': command(['NOSUCH']),
    'authentication failure': command(['PING'], { password: 'wrong' }),
    'write to a replica': command(['SET', 'a', '1'], { port: replicaPort }),
    'too many connections': () => during(['CONFIG', 'SET', 'maxclients', '1'], ['CONFIG', 'SET', 'maxclients', '1000'], command(['PING'])),
    'out of memory': () => during(['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0'], command(['SET', 'a', '1'])),
    'no replicas': () => during(['CONFIG', 'SET', 'min-replicas-to-write', '3'], ['CONFIG', 'SET', 'min-replicas-to-write', '0'], command(['SET', 'a', '1'])),
    'busy with a script': async () => {
      // Connected before: ioredis asks a server how it is when it connects, and a busy one does not say.
      const admin = clients.ioredis!.open({});
      await admin('PING');
      const busy = clients.ioredis!.open({})('EVAL', script, '0').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      try {
        return await client.open({})('GET', 'a');
      } finally {
        await admin('SCRIPT', 'KILL');
        await busy;
      }
    },
    'transaction with a mistake': async () => {
      const run = client.open({});
      await run('MULTI');
      await run('SET', 'a').catch(() => undefined);
      await run('EXEC');
    },
  };
}

const scenarios = Object.entries(clients).flatMap(([name, client]) => Object.entries(scenariosOf(client)).map(([what, scenario]) => [`${name}: ${what}`, scenario]));
await report({
  ...Object.fromEntries(scenarios),
  'ioredis: no answer to the first command': async () => clients.ioredis!.open({ port: await silent(), connectMs: 50, commandMs: 300 })('PING'),
  // A time-out of node-redis ends only what has not yet been sent.
  'ioredis: command timeout': () => clients.ioredis!.open({ commandMs: 50 })('BLPOP', 'nothing', '1'),
  'ioredis: client is offline': () => ioredis({ port: 1 }, { enableOfflineQueue: false }).get('a'),
  'ioredis: client is closed': async () => {
    const client = ioredis({});
    client.disconnect();
    await client.get('a');
  },
  'ioredis: connection closed during a pipeline': async () => {
    const proxy = await cuttable(port);
    const client = ioredis({ port: proxy.port }, { enableOfflineQueue: true });
    await client.ping();
    const running = client.pipeline().set('a', '1').blpop('nothing', 0.3).exec();
    setTimeout(() => proxy.cut('reset'), 50);
    const results = await running;
    throw results![1]![0]!;
  },
  'node-redis: client is closed': async () => {
    const client = createClient({ socket: { host: '127.0.0.1', port } }).on('error', () => undefined);
    await client.get('a');
  },
  'node-redis: client is offline': async () => {
    const client = createClient({ disableOfflineQueue: true, socket: { host: '127.0.0.1', port: 1, reconnectStrategy: 1000 } }).on('error', () => undefined);
    void client.connect().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.get('a');
  },
} as Record<string, Scenario>);
