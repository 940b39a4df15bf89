import packageJson from '../../package.json';

/**
 * The entry points that `exports` of package.json names, as paths below `lib/` without extension: `index`,
 * `testing/index` … A new subpath is listed there and nowhere else.
 */
export function entryPoints(): string[] {
  return Object.values<string | { node: { default: string } }>(packageJson.exports)
    .filter((target) => typeof target !== 'string')
    .map((target) => target.node.default.replace('./dist/cjs/', '').replace(/\.js$/, ''));
}
