/** Checks that every policy has a page, and that all of these have the same shape: who knows one finds what they look for in the others. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMarkdown } from './support/markdown';
import { root } from './support/process';

/** In this order; a page has sections of its own among them. */
const sections = ['When', 'When not', 'Sequence', 'Options', 'Events', 'Errors', 'Anti-patterns'];

function main(): void {
  const policies = readdirSync(join(root, 'docs', 'policies')).map((page) => page.replace(/\.md$/, ''));
  const problems = policies.flatMap((policy) => problemsOf(`docs/policies/${policy}.md`));
  problems.forEach((problem) => console.error(problem));
  console.log(`${policies.length} pages of policies`);
  if (problems.length > 0) process.exitCode = 1;
}

function problemsOf(page: string): string[] {
  const path = join(root, page);
  if (!existsSync(path)) return [`${page} is missing`];
  const text = readFileSync(path, 'utf8');
  const problems: string[] = [];
  const found = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!).filter((heading) => sections.includes(heading));
  if (found.join() !== sections.join()) problems.push(`${page}: its sections are ${found.join(', ')}; expected: ${sections.join(', ')}`);
  if (!readMarkdown(path).blocks.some(isSequence)) problems.push(`${page} has no sequence diagram`);
  if (!/<!-- options: \w+ -->/.test(text)) problems.push(`${page} has no table of options`);
  for (const sign of ['❌', '✅']) if (!text.includes(sign)) problems.push(`${page} has no ${sign}`);
  return problems;
}

const isSequence = ({ language, code }: { readonly language: string; readonly code: readonly string[] }): boolean =>
  language === 'mermaid' && code[0]?.trim() === 'sequenceDiagram';

main();
