import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const repository = join(__dirname, '..', '..', '..');
const dev = pathToFileURL(join(repository, 'scripts', 'support', 'dev.ts')).href;

/** Runs `breaker-box` in a process of its own, from its sources. */
export async function breakerBox(args: readonly string[], { env = {}, cwd = repository }: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Promise<Ran> {
  const command = ['--import', require.resolve('tsx'), '--import', dev, join(repository, 'lib', 'cli', 'main.ts'), ...args];
  const child = spawn(process.execPath, command, { cwd, env: { ...process.env, REDIS_URL: undefined, ...env } });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), child.exitCode ?? once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}
