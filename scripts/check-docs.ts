/**
 * Checks the documents: relative links lead somewhere, and TypeScript snippets compile against the built package and,
 * where they are marked `run`, do what the document says.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { documentPaths } from './support/documents';
import { readMarkdown, type Link, type Markdown } from './support/markdown';
import { failureOf, outcomeOf, outcomeOfProgram, root } from './support/process';
import { snippetsOf, type Snippet } from './support/snippets';

const runTimeoutMs = 30_000;

/** The API reference, whose code blocks are signatures. */
const generated = join(root, 'docs', 'api', 'reference');

function main(): void {
  const documents = new Map(documentPaths().map((path) => [path, readMarkdown(path)]));
  const written = [...documents].filter(([path]) => !path.startsWith(generated));
  const snippets = written.flatMap(([path, { blocks }]) => snippetsOf(relative(root, path), blocks));
  const runnable = snippets.filter(({ runs }) => runs);
  const problems = [...brokenLinks(documents), ...withFiles(snippets, (files) => [...typeErrors(files), ...failedRuns(files)])];
  problems.forEach((problem) => console.error(problem));
  console.log(`${documents.size} documents, ${snippets.length} snippets, ${runnable.length} of them run`);
  if (problems.length > 0) process.exitCode = 1;
}

function brokenLinks(documents: ReadonlyMap<string, Markdown>): string[] {
  return [...documents].flatMap(([path, { links }]) =>
    links
      .filter((link) => !leadsSomewhere(path, link, documents))
      .map(({ target, line }) => `${relative(root, path)}:${line} broken link: ${target}`),
  );
}

function leadsSomewhere(path: string, { target }: Link, documents: ReadonlyMap<string, Markdown>): boolean {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return true; // another site
  const [file = '', anchor] = decodeURI(target).split('#');
  const found = file === '' ? path : resolve(dirname(path), file);
  if (!existsSync(found)) return false;
  return !anchor || !found.endsWith('.md') || (documents.get(found) ?? readMarkdown(found)).anchors.has(anchor);
}

/** Files in a folder of the repository, so that `breaker-box` in them means the built package. */
function withFiles<T>(snippets: readonly Snippet[], use: (files: ReadonlyMap<string, Snippet>) => T): T {
  const folder = mkdtempSync(join(root, '.snippets-'));
  try {
    const files = new Map(snippets.map((snippet) => [join(folder, fileName(snippet)), snippet]));
    files.forEach(({ source }, path) => writeFileSync(path, `${source}\n`));
    return use(files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const fileName = ({ document, line }: Snippet): string => `${document.replaceAll(/[/\\]/g, '+')}+${line}.mts`;

const legacyDecorators = { experimentalDecorators: true, emitDecoratorMetadata: true };

/** One project for each standard of decorators: a program has only one. */
function typeErrors(files: ReadonlyMap<string, Snippet>): string[] {
  const paths = (legacy: boolean): string[] => [...files].filter(([, { isLegacy }]) => isLegacy === legacy).map(([path]) => path);
  const messages = [...compilerMessages('tsconfig.json', paths(false), {}), ...compilerMessages('tsconfig.legacy.json', paths(true), legacyDecorators)];
  return messages.map((line) => inTermsOfDocuments(line, files));
}

function compilerMessages(name: string, paths: readonly string[], decorators: object): string[] {
  const [first] = paths;
  if (first === undefined) return [];
  const project = join(dirname(first), name);
  const compilerOptions = { noEmit: true, types: ['node', 'jest'], noUnusedLocals: false, noUnusedParameters: false, ...decorators };
  writeFileSync(project, JSON.stringify({ extends: '../tsconfig.base.json', compilerOptions, files: paths }));
  const { status, stdout } = outcomeOf('tsc6', ['--project', project, '--pretty', 'false']);
  return status === 0 ? [] : stdout.trim().split('\n');
}

function inTermsOfDocuments(message: string, files: ReadonlyMap<string, Snippet>): string {
  return [...files].reduce(
    (text, [path, { document }]) => text.replace(`${basename(dirname(path))}/${basename(path)}`, document),
    message,
  );
}

function failedRuns(files: ReadonlyMap<string, Snippet>): string[] {
  return [...files].filter(([, { runs }]) => runs).flatMap(([path, snippet]) => runProblems(path, snippet));
}

function runProblems(path: string, { document, line, output }: Snippet): string[] {
  const result = outcomeOfProgram(path, runTimeoutMs);
  const failure = failureOf(result);
  const printed = result.stdout.trim();
  if (failure !== undefined) return [`${document}:${line} ${failure}\n${printed}\n${result.stderr}`];
  if (output === undefined || printed === output.trim()) return [];
  return [`${document}:${line} prints\n${printed}\ninstead of\n${output.trim()}`];
}

main();
