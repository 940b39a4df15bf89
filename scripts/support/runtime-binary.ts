import { join } from 'node:path';
import { cachedInstall } from './cached-install';

/** A runtime of JavaScript that is not Node. */
export type Runtime = keyof typeof runtimes;

const { platform, arch } = process;

/** The npm package that holds the executable for this machine. The package of the runtime itself would link it in an install script, which npm may refuse. */
const runtimes = {
  bun: { packageName: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`, version: '1.4.5', executable: 'bin/bun' },
  deno: { packageName: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`, version: '2.9.6', executable: 'deno' },
  workerd: { packageName: `@cloudflare/workerd-${platform}-${arch === 'x64' ? '64' : arch}`, version: '1.20261117.1', executable: 'bin/workerd' },
};

/** The executable of a runtime, installed from npm and kept in `node_modules/.cache`: it is larger than all development dependencies together. */
export function runtimeBinary(runtime: Runtime): string {
  const { packageName, version, executable } = runtimes[runtime];
  return join(cachedInstall(join(runtime, version), [`${packageName}@${version}`]), packageName, executable);
}
