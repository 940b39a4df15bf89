import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../support/free-port';
import { notTested } from '../../support/not-tested';
import { serverFolder, ServerProcess, serverUser } from './server-process';

const run = promisify(execFile);

/** A PostgreSQL of our own on a free port of 127.0.0.1: `postgres` is let in without a password, everybody else by one. */
export class PostgresServer {
  private constructor(
    readonly port: number,
    private readonly server: ServerProcess,
  ) {}

  /** @param settings - Such as `max_connections=20`. */
  static async start(...settings: string[]): Promise<PostgresServer> {
    const user = serverUser('postgres');
    const folder = serverFolder('postgres', user);
    const data = join(folder, 'data');
    await run(join(binaries!, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C', '--encoding=UTF8'], { cwd: folder, ...user });
    await run('sh', ['-c', `printf 'host all postgres 127.0.0.1/32 trust\\nhost all all 127.0.0.1/32 scram-sha-256\\n' > ${data}/pg_hba.conf`], { cwd: folder, ...user });
    const port = await freePort();
    const said = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off', 'shared_buffers=8MB', ...settings];
    const args = ['-D', data, '-p', String(port), ...said.flatMap((setting) => ['-c', setting])];
    const server = await ServerProcess.start(join(binaries!, 'postgres'), args, 'ready to accept connections', folder, user);
    return new PostgresServer(port, server);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

/** Where the programs are: in the path, or where Debian has them, the newest version; undefined where there are none. */
const binaries = ['/usr/local/bin', '/usr/bin', ...debianVersions()].find((folder) => existsSync(join(folder, 'initdb')));

function debianVersions(): string[] {
  const folder = '/usr/lib/postgresql';
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort((a, b) => Number(b) - Number(a)).map((version) => join(folder, version, 'bin'));
}

const isInstalled = binaries !== undefined && spawnSync(join(binaries, 'postgres'), ['--version']).status === 0;

/** `describe` for what needs PostgreSQL. */
export function describeWithPostgres(name: string, body: () => void): void {
  if (isInstalled) describe(name, body);
  else notTested(name, 'PostgreSQL', 'postgresql');
}
