import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Whom a server runs as. */
export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

/** Servers refuse to run as root: there they run as a user of their own, or as `nobody`; elsewhere as who runs the specs. */
export function serverUser(name: string): User {
  if (process.getuid?.() !== 0) return {};
  for (const user of [name, 'nobody']) {
    try {
      return { uid: idOf(user, '-u'), gid: idOf(user, '-g') };
    } catch {
      // No such user.
    }
  }
  return {};
}

function idOf(user: string, what: '-u' | '-g'): number {
  return Number(execFileSync('id', [what, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** An empty folder of a server. */
export function serverFolder(name: string, { uid, gid }: User): string {
  const folder = mkdtempSync(join(tmpdir(), `breaker-box-${name}-`));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** A server in a process of its own, which ends with {@link stop}. */
export class ServerProcess {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /**
   * Starts it, and waits until it says that it is ready.
   *
   * @param ready - What it writes to its standard error then.
   * @param folder - Removed when it has stopped.
   */
  static async start(program: string, args: readonly string[], ready: string, folder: string, user: User): Promise<ServerProcess> {
    const started = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, ...user });
    const lines: string[] = [];
    for await (const line of createInterface({ input: started.stderr })) {
      lines.push(line);
      if (line.includes(ready)) break;
    }
    if (!lines.at(-1)?.includes(ready)) throw new Error(`${program} did not start:\n${lines.join('\n')}`);
    started.stderr.resume();
    return new ServerProcess(started, folder);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exit = once(this.process, 'exit');
      // PostgreSQL disconnects its clients at SIGINT, and MariaDB knows only SIGTERM.
      this.process.kill(this.process.spawnfile.endsWith('postgres') ? 'SIGINT' : 'SIGTERM');
      await exit;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
