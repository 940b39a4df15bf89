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

/** A file that is imported, and its declarations. */
export interface Target {
  readonly types: string;
  readonly default: string;
}

/** What an entry point is under a condition: one file, or one for each of `import` and `require`. */
export type Conditional = Target | Readonly<Record<'import' | 'require', Target>>;

/** The conditions of an entry point, in the order in which they are looked for. */
export type Conditions = { readonly node: Target; readonly development: Conditional; readonly default: Conditional } & Readonly<Record<string, Conditional>>;

/** What `exports` of package.json says of entry points, by what stands there: `.`, `./testing` … */
export const conditionsOf: ReadonlyMap<string, Conditions> = new Map(
  Object.entries(packageJson.exports as unknown as Record<string, string | Conditions>).filter((one): one is [string, Conditions] => typeof one[1] !== 'string'),
);

const inNode = /^\.\/dist\/cjs\/(.*)\.(m?)js$/;

export function entryPoints(): EntryPoint[] {
  return [...conditionsOf].map(([subpath, { node }]) => {
    const [, path = '', isModule] = inNode.exec(node.default) ?? [];
    const specifier = subpath.replace('.', packageJson.name);
    return { path, source: join(root, 'lib', `${path}.ts`), types: node.types, specifier, format: isModule ? 'esm' : 'cjs' };
  });
}

/** `typesVersions`, as `exports` asks for it: where TypeScript's `node10` finds declarations, which knows no `exports`. */
export function typesVersions(): Record<string, Record<string, string[]>> {
  const subpaths = [...conditionsOf].filter(([subpath]) => subpath !== '.');
  return { '*': Object.fromEntries(subpaths.map(([subpath, { node }]) => [subpath.slice('./'.length), [node.types]])) };
}

/** A program that users run, as `bin` of package.json names it: without the `./` that npm would take away when it publishes. */
export function programs(): Pick<EntryPoint, 'path' | 'source' | 'format'>[] {
  return Object.values(packageJson.bin).map((target) => {
    const [, path = ''] = inNode.exec(`./${target}`) ?? [];
    return { path, source: join(root, 'lib', `${path}.ts`), format: 'cjs' };
  });
}
