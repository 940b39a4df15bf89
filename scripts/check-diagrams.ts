/** Checks that every Mermaid diagram of the documents parses: one that does not is an error message in the page. */
import { relative } from 'node:path';
import { parseHTML } from 'linkedom';
import { documentPaths } from './support/documents';
import { readMarkdown, type CodeBlock } from './support/markdown';
import { root } from './support/process';

async function main(): Promise<void> {
  const parse = await parser();
  const diagrams = documentPaths().flatMap((path) => diagramsOf(path));
  const problems: string[] = [];
  for (const { path, block } of diagrams) {
    await parse(block.code.join('\n')).catch((error) => problems.push(`${path}:${block.line} ${String(error)}`));
  }
  problems.forEach((problem) => console.error(problem));
  console.log(`${diagrams.length} diagrams`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Some of Mermaid's grammars clean labels by the DOM, which they take from the global `window` when they are loaded. */
async function parser(): Promise<(diagram: string) => Promise<unknown>> {
  Object.assign(globalThis, { window: parseHTML('<!doctype html><html><body></body></html>').window });
  const { default: mermaid } = await import('mermaid');
  return (diagram) => mermaid.parse(diagram);
}

function diagramsOf(path: string): { readonly path: string; readonly block: CodeBlock }[] {
  const { blocks } = readMarkdown(path);
  return blocks.filter(({ language }) => language === 'mermaid').map((block) => ({ path: relative(root, path), block }));
}

void main();
