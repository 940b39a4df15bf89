import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { build } from 'esbuild';
import { runtimeBinary } from '../../../../scripts/support/runtime-binary';
import { consumer } from '../../support/consumer';

export interface WorkerOptions {
  /** The module of the worker in TypeScript, as its author writes it: it may import `breaker-box`, and exports `default { fetch(request) { … } }`. */
  readonly source: string;
  /** `nodejs_compat`, `nodejs_als` … */
  readonly compatibilityFlags?: readonly string[];
  /** What workerd has by default at this date: `WeakRef` from 2025-05-05, `nodejs_compat` from 2026-08-04. @defaultValue `'2026-07-01'` */
  readonly compatibilityDate?: string;
  /** Whether it may call servers of this machine. @defaultValue false: addresses of the internet alone */
  readonly reachesThisMachine?: boolean;
  /** The folder that imports are resolved from. @defaultValue the project that has installed the packed package */
  readonly folder?: string;
}

/** A worker that runs in a workerd of its own. */
export interface Worker {
  /** Sends a request to a path of the worker. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** What workerd has written so far: `console` of the worker, and warnings. */
  output(): string;
  stop(): Promise<void>;
}

/** Bundles a worker as wrangler does, and starts it in workerd, on a free port of 127.0.0.1. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const folder = mkdtempSync(join(tmpdir(), 'breaker-box-workerd-'));
  writeFileSync(join(folder, 'worker.js'), await bundle(options));
  writeFileSync(join(folder, 'config.capnp'), configFor(options));
  const running = spawn(runtimeBinary('workerd'), ['serve', '--control-fd=3', 'config.capnp'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const exit = once(running, 'exit');
  let output = '';
  for (const stream of [running.stdout, running.stderr]) stream!.on('data', (chunk) => (output += chunk));
  const stop = async (): Promise<void> => {
    running.kill('SIGKILL');
    await exit;
    rmSync(folder, { recursive: true, force: true });
  };
  const port = await portOf(running.stdio[3] as Readable);
  if (port !== undefined) return { fetch: (path, init) => fetch(new URL(path, `http://127.0.0.1:${port}`), init), output: () => output, stop };
  await stop();
  throw new Error(`workerd did not start:\n${output}`);
}

/** The conditions are wrangler's; modules of Node stay imports, which workerd has with `nodejs_compat`. */
async function bundle({ source, folder = consumer }: WorkerOptions): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

const configFor = ({ compatibilityFlags = [], compatibilityDate = '2026-07-01', reachesThisMachine = false }: WorkerOptions): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)${reachesThisMachine ? ', (name = "internet", network = (allow = ["local"]))' : ''}],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = ${JSON.stringify(compatibilityDate)},
  compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
);
`;

/** workerd writes a line about each socket that it listens on; undefined when it ended before. */
async function portOf(control: Readable): Promise<number | undefined> {
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { event: string; port?: number };
    if (event === 'listen') return port;
  }
  return undefined;
}
