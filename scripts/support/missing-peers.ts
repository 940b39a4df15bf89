import type { Plugin } from 'esbuild';
import packageJson from '../../package.json';
import { entryPoints } from './entry-points';

const peers = new Set(Object.keys(packageJson.peerDependencies));

/**
 * esbuild plugin: an entry point that requires a package which its user has not installed says so, by the names that the
 * user knows. Node would name a file of ours.
 *
 * @param output - The file that is made, as a path below `dist/cjs/`.
 */
export function namingMissingPeers(output: string): Plugin {
  const specifier = entryPoints().find(({ path }) => path === output)?.specifier ?? packageJson.name;
  return {
    name: 'naming missing peers',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^./]/ }, ({ path, namespace }) => {
        if (namespace === 'peer') return { path, external: true };
        return peers.has(path) ? { path, namespace: 'peer' } : undefined;
      });
      onLoad({ filter: /.*/, namespace: 'peer' }, ({ path }) => ({ contents: requireOf(path, specifier) }));
    },
  };
}

function requireOf(peer: string, specifier: string): string {
  const message = `${specifier} needs ${peer}, which is not installed: npm install ${peer}`;
  return `
    try {
      module.exports = require('${peer}');
    } catch (error) {
      // What the package itself lacks is for its own message to say.
      if (error?.code !== 'MODULE_NOT_FOUND' || !String(error.message).includes("'${peer}'")) throw error;
      throw Object.assign(new Error(${JSON.stringify(message)}, { cause: error }), { code: error.code });
    }
  `;
}
