import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../support/free-port';
import { notTested } from '../../support/not-tested';
import { serverFolder, ServerProcess, serverUser } from './server-process';

const run = promisify(execFile);

/** A MariaDB of our own on a free port of 127.0.0.1; `root` has no password. */
export class MariadbServer {
  private constructor(
    readonly port: number,
    private readonly server: ServerProcess,
  ) {}

  /** @param args - Such as `--max-connections=20`. */
  static async start(...args: string[]): Promise<MariadbServer> {
    const user = serverUser('mysql');
    const folder = serverFolder('mariadb', user);
    const data = join(folder, 'data');
    const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=5M'];
    await run('mariadb-install-db', install, { cwd: folder, ...user });
    const port = await freePort();
    const own = ['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`];
    const light = ['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=16M', '--innodb-log-file-size=5M', '--skip-name-resolve'];
    return new MariadbServer(port, await ServerProcess.start(program, [...own, ...light, ...args], 'ready for connections', folder, user));
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

const program = ['/usr/sbin/mariadbd', '/usr/libexec/mariadbd'].find(existsSync) ?? 'mariadbd';

const isInstalled = spawnSync(program, ['--version']).status === 0;

/** `describe` for what needs MariaDB. */
export function describeWithMariadb(name: string, body: () => void): void {
  if (isInstalled) describe(name, body);
  else notTested(name, 'MariaDB', 'mariadb-server');
}
