/**
 * Writes the API reference, `docs/api/reference/`, from the doc comments of all that the entry points of package.json export.
 * With `--check` it writes nothing, and fails when the reference is out of date.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TypeDocOptions } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { entryPoints } from './support/entry-points';
import { emptySibling, root } from './support/process';

const reference = join(root, 'docs', 'api', 'reference');

/** No dates, revisions or paths of a machine: the same sources give the same text. */
const options: TypeDocOptions & PluginOptions = {
  name: 'breaker-box',
  tsconfig: join(root, 'tsconfig.build.json'),
  plugin: ['typedoc-plugin-markdown'],
  logLevel: 'Error',
  readme: 'none',
  disableSources: true,
  alwaysCreateEntryPointModule: true,
  excludeInternal: true,
  excludeExternals: true,
  validation: { notExported: false, invalidLink: true },
  entryFileName: 'README',
  membersWithOwnFile: ['Class', 'Interface'],
  excludeScopesInPaths: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  propertyMembersFormat: 'table',
  tableColumnSettings: { hideInherited: true, hideOverrides: true, hideModifiers: true, hideSources: true },
};

async function main(): Promise<void> {
  const fresh = emptySibling(reference);
  try {
    await generate(fresh);
    if (process.argv.includes('--check')) report(differences(fresh));
    else replaceBy(fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

async function generate(folder: string): Promise<void> {
  // By `import`, as its plugin does: `require` would make a second instance of it.
  const { Application, Converter, LogLevel, PageEvent } = await import('typedoc');
  const app = await Application.bootstrapWithPlugins({ ...options, out: folder, entryPoints: entryPoints().map(({ source }) => source) });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const specifiers = new Map(entryPoints().map(({ path, specifier }) => [path.replace(/(.)\/index$/, '$1'), specifier]));
    for (const module of project.children ?? []) module.name = specifiers.get(module.name) ?? module.name;
  });
  // A comment may name what another entry point exports, without its module importing that.
  app.converter.addUnknownSymbolResolver((reference, { project }) => {
    const name = reference.symbolReference?.path?.[0]?.path;
    const target = project.children?.flatMap(({ children }) => children ?? []).find((exported) => exported.name === name);
    return target && { target: target as never }; // its type knows addresses only, its code takes what is documented, too
  });
  // A required property has no default: it says so where a blank is meant.
  app.renderer.on(PageEvent.END, (page: { contents?: string }) => (page.contents = page.contents?.replaceAll(' | `undefined` | ', ' |  | ')));
  const project = await app.convert();
  if (project === undefined) throw new Error('the sources do not compile');
  app.logger.level = LogLevel.Warn;
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.validationWarningCount > 0) throw new Error('the reference has the problems above');
}

function differences(fresh: string): string[] {
  const [before, after] = [filesIn(reference), filesIn(fresh)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().filter((path) => before.get(path) !== after.get(path));
}

function filesIn(folder: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

function report(stale: readonly string[]): void {
  stale.forEach((path) => console.error(`docs/api/reference/${path} is out of date: npm run docs:reference`));
  if (stale.length > 0) process.exitCode = 1;
}

function replaceBy(fresh: string): void {
  rmSync(reference, { recursive: true, force: true });
  renameSync(fresh, reference);
}

void main();
