import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from 'redis';
import { freePort } from './free-port';
import { notTested } from './not-tested';

export type Program = 'redis-server' | 'valkey-server';

/** A redis-server of our own: on a free port of 127.0.0.1, without persistence, with the default settings otherwise. */
export class RedisServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly args: readonly string[],
    private readonly program: Program,
  ) {}

  /** @param args - Further arguments of redis-server, such as `--maxmemory`, `2mb`. */
  static async start(...args: string[]): Promise<RedisServer> {
    return RedisServer.of('redis-server', ...args);
  }

  /** The same by another program that speaks as Redis does. */
  static async of(program: Program, ...args: string[]): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'breaker-box-redis-')), args, program);
    await server.restart();
    return server;
  }

  /** A server that follows this one, and refuses writes until it is promoted (`REPLICAOF NO ONE`). */
  async replica(...args: string[]): Promise<RedisServer> {
    const replica = await RedisServer.start('--replicaof', '127.0.0.1', String(this.port), ...args);
    await until(async () => (await replica.command('INFO', 'replication') as string).includes('master_link_status:up'));
    return replica;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Starts it again, empty, on the same port. */
  async restart(): Promise<void> {
    const options = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.folder, '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];
    const started = spawn(this.program, [...options, ...this.args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = started;
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stdout })) {
      lines.push(line);
      if (line.includes('Ready to accept connections')) break;
    }
    if (!lines.at(-1)?.includes('Ready')) throw new Error(`${this.program} did not start:\n${lines.join('\n')}`);
    started.stdout.resume();
  }

  /** By a connection of its own. */
  async command(...words: string[]): Promise<unknown> {
    const client = createClient({ socket: { ...this.address, reconnectStrategy: false } }).on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  /** It takes connections and commands, and answers none, until it may go on. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, 'exit');
    running.kill('SIGKILL');
    await exit;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Three primaries that share the slots. What one of them has is away with it, and no more. */
export class RedisCluster {
  private constructor(readonly nodes: readonly RedisServer[]) {}

  /** @param tries - A port that is free may be taken before its server has it: then it is tried again with others. */
  static async start(tries = 3): Promise<RedisCluster> {
    const busPorts = [await freePort(), await freePort(), await freePort()];
    const started = await Promise.allSettled(
      // Without an address to announce, a node does not know its own until another has told it, and clients hang on it.
      busPorts.map((port) => RedisServer.start('--cluster-enabled', 'yes', '--cluster-port', String(port), '--cluster-announce-ip', '127.0.0.1', '--cluster-require-full-coverage', 'no')),
    );
    const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(nodes.map((node) => node.stop()));
      if (tries > 1) return RedisCluster.start(tries - 1);
      throw failed.reason;
    }
    const slots = [['0', '5460'], ['5461', '10922'], ['10923', '16383']];
    await Promise.all(nodes.map((node, n) => node.command('CLUSTER', 'ADDSLOTSRANGE', ...slots[n]!)));
    for (const [n, { port }] of nodes.entries()) await nodes[0]!.command('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPorts[n]));
    for (const node of nodes) await until(async () => isWhole(await node.command('CLUSTER', 'INFO') as string));
    return new RedisCluster(nodes);
  }

  get addresses(): { host: string; port: number }[] {
    return this.nodes.map(({ address }) => address);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

function isWhole(info: string): boolean {
  return ['cluster_state:ok', 'cluster_known_nodes:3', 'cluster_slots_assigned:16384'].every((line) => info.includes(line));
}

/** Asks again until it holds: for what other processes do, in real time. */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!await holds()) {
    if (performance.now() > giveUpAt) throw new Error(`still not so after ${withinMs} ms: ${holds.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** A primary, its replica, and a sentinel that promotes the replica when the primary has been silent for half a second. */
export class RedisSentinel {
  static readonly primaryName = 'breakers';

  private constructor(
    readonly primary: RedisServer,
    readonly replica: RedisServer,
    private readonly sentinel: ChildProcess,
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(): Promise<RedisSentinel> {
    const primary = await RedisServer.start();
    const replica = await primary.replica();
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'breaker-box-sentinel-'));
    const [file, name] = [join(folder, 'sentinel.conf'), RedisSentinel.primaryName];
    const monitored = [`monitor ${name} 127.0.0.1 ${primary.port} 1`, `down-after-milliseconds ${name} 500`, `failover-timeout ${name} 5000`];
    writeFileSync(file, ['bind 127.0.0.1', `port ${port}`, `dir ${folder}`, ...monitored.map((line) => `sentinel ${line}`)].join('\n'));
    const sentinel = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    const started = new RedisSentinel(primary, replica, sentinel, folder, port);
    await until(async () => (await started.#knownReplicas().catch(() => 0)) === 1);
    return started;
  }

  async stop(): Promise<void> {
    const exit = once(this.sentinel, 'exit');
    this.sentinel.kill('SIGKILL');
    await exit;
    rmSync(this.folder, { recursive: true, force: true });
    await Promise.all([this.primary.stop(), this.replica.stop()]);
  }

  async #knownReplicas(): Promise<number> {
    const client = createClient({ socket: { host: '127.0.0.1', port: this.port, reconnectStrategy: false } }).on('error', () => undefined);
    await client.connect();
    try {
      return ((await client.sendCommand(['SENTINEL', 'REPLICAS', RedisSentinel.primaryName])) as unknown[]).length;
    } finally {
      client.destroy();
    }
  }
}

export const isInstalled = hasProgram('redis-server');

function hasProgram(program: Program): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

/** `describe` for what needs a redis-server: without one it fails in CI, and says elsewhere what was not tested. */
export function describeWithRedis(name: string, body: () => void, program: Program = 'redis-server'): void {
  if (hasProgram(program)) describe(name, body);
  else notTested(name, program, program);
}

/** The same for each of several. */
describeWithRedis.each = <const Case extends string>(cases: readonly Case[]) => (name: string, body: (each: Case) => void): void => {
  for (const each of cases) describeWithRedis(name.replace('%s', each), () => body(each));
};
