import { join } from 'node:path';
import packageJson from '../../package.json';
import { root } from './process';

/** A file that users import, as `exports` of package.json names it. A new subpath is listed there and nowhere else. */
export interface EntryPoint {
  /** Its path below `lib/`, without extension: `index`, `testing/index` … */
  readonly path: string;
  /** Its source file. */
  readonly source: string;
  /** The declarations that TypeScript finds for it in Node, below the root of the repository. */
  readonly types: string;
  /** What users write: `breaker-box`, `breaker-box/testing` … */
  readonly specifier: string;
  /** What Node loads for it: CommonJS, or an ES module where what it imports is one. */
  readonly format: 'cjs' | 'esm';
}

const inNode = /^\.\/dist\/cjs\/(.*)\.(m?)js$/;

export function entryPoints(): EntryPoint[] {
  return Object.entries<string | { node: { types: string; default: string } }>(packageJson.exports).flatMap(([subpath, target]) => {
    if (typeof target === 'string') return [];
    const [, path = '', isModule] = inNode.exec(target.node.default) ?? [];
    const specifier = subpath.replace('.', packageJson.name);
    const source = join(root, 'lib', `${path}.ts`);
    return { path, source, types: target.node.types, specifier, format: isModule ? 'esm' : 'cjs' };
  });
}

/** A program that users run, as `bin` of package.json names it: without the `./` that npm would take away when it publishes. */
export function programs(): Pick<EntryPoint, 'path' | 'source' | 'format'>[] {
  return Object.values(packageJson.bin).map((target) => {
    const [, path = ''] = inNode.exec(`./${target}`) ?? [];
    return { path, source: join(root, 'lib', `${path}.ts`), format: 'cjs' };
  });
}
