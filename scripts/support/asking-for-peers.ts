import type { Plugin } from 'esbuild';
import packageJson from '../../package.json';

const peers = Object.keys(packageJson.peerDependencies);

/**
 * esbuild plugin, for CommonJS: an entry point whose peer dependency is not installed says which package to install.
 *
 * @param specifier - What users write to import the entry point.
 */
export function askingForPeers(specifier: string): Plugin {
  return {
    name: 'asking for peers',
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(${peers.join('|')})(/|$)`) }, ({ path, namespace }) =>
        namespace === 'peer' ? { path, external: true } : { path, namespace: 'peer' },
      );
      build.onLoad({ filter: /.*/, namespace: 'peer' }, ({ path }) => ({ contents: requiring(path, specifier) }));
    },
  };
}

/** A module that passes on what a package exports. What is missing may also be a dependency of the package: that is not ours to explain. */
function requiring(path: string, specifier: string): string {
  const name = peers.find((peer) => path === peer || path.startsWith(`${peer}/`));
  const message = `${specifier} needs the package ${name}, which is not installed: npm install ${name}`;
  return `
    try {
      module.exports = require('${path}');
    } catch (error) {
      if (error?.code !== 'MODULE_NOT_FOUND' || !error.message.startsWith("Cannot find module '${path}'")) throw error;
      throw Object.assign(new Error(${JSON.stringify(message)}, { cause: error }), { code: error.code });
    }`;
}
