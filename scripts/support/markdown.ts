import { readFileSync } from 'node:fs';

/** A part of a document that stands between two fence lines, or between `<!-- ts` and `-->` (`hidden`). */
export interface CodeBlock {
  readonly language: string;
  readonly flags: ReadonlySet<string>;
  readonly hidden: boolean;
  /** Line of the document the code starts at, from 1. */
  readonly line: number;
  readonly code: readonly string[];
}

export interface Link {
  readonly target: string;
  readonly line: number;
}

export interface Markdown {
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** The anchors that its headings get on GitHub, and those that it sets itself. */
  readonly anchors: ReadonlySet<string>;
}

const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;
const hiddenStart = /^<!--\s*(ts\b.*)$/;
const inlineLink = /\[[^\]]*\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g;
const linkDefinition = /^\[[^\]]+\]:\s+(\S+)/;
const htmlAnchor = /<a id="([^"]+)"><\/a>/g;
const htmlLink = /\b(?:href|src|srcset)="([^"]+)"/g;

export function readMarkdown(file: string): Markdown {
  const lines = readFileSync(file, 'utf8').split('\n');
  const blocks: CodeBlock[] = [];
  const prose: { text: string; line: number }[] = [];
  for (let index = 0; index < lines.length; index++) {
    const block = blockAt(lines, index);
    if (block === undefined) {
      prose.push({ text: lines[index]!, line: index + 1 });
    } else {
      blocks.push(block);
      index += block.code.length + 1;
    }
  }
  return { blocks, links: prose.flatMap(linksOf), anchors: anchorsOf(prose.map(({ text }) => text)) };
}

function blockAt(lines: readonly string[], start: number): CodeBlock | undefined {
  const opening = lines[start]!;
  const hidden = hiddenStart.exec(opening);
  const fenced = fence.exec(opening);
  if (hidden === null && fenced === null) return undefined;
  const isEnd = hidden ? (line: string) => line.trim() === '-->' : (line: string) => line.trim() === fenced![2];
  const length = lines.slice(start + 1).findIndex(isEnd);
  if (length < 0) throw new Error(`the block that starts at line ${start + 1} has no end: ${opening}`);
  const [language = '', ...flags] = (hidden?.[1] ?? fenced![3]!).trim().split(/\s+/);
  const indent = fenced?.[1]?.length ?? 0;
  const code = lines.slice(start + 1, start + 1 + length).map((line) => line.slice(indent));
  return { language, flags: new Set(flags), hidden: hidden !== null, line: start + 2, code };
}

function linksOf({ text, line }: { text: string; line: number }): Link[] {
  const prose = text.replace(/`[^`]*`/g, '');
  const targets = [...prose.matchAll(inlineLink), ...prose.matchAll(htmlLink)].map((match) => match[1]!);
  const defined = linkDefinition.exec(prose)?.[1];
  return [...targets, ...(defined === undefined ? [] : [defined])].map((target) => ({ target, line }));
}

/** GitHub's rule: lower case, punctuation dropped, blanks to hyphens, repetitions numbered. */
function anchorsOf(prose: readonly string[]): Set<string> {
  const anchors = new Set<string>();
  for (const text of prose) {
    for (const [, id] of text.matchAll(htmlAnchor)) anchors.add(id!);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n++) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}
