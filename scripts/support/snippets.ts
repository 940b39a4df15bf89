import type { CodeBlock } from './markdown';

/**
 * A program made of a document's code blocks. Each line stands at the line it has in the document, so that a compiler's
 * message points there.
 */
export interface Snippet {
  readonly document: string;
  readonly line: number;
  readonly source: string;
  readonly runs: boolean;
  /** Whether its decorators are those of `experimentalDecorators`. */
  readonly isLegacy: boolean;
  /** What it prints when it is run, where the document shows it. */
  readonly output: string | undefined;
}

interface Draft {
  readonly line: number;
  readonly lines: string[];
  runs: boolean;
  isLegacy: boolean;
  output: string | undefined;
}

/**
 * The programs of a document. A `ts` block is one; its info string may add:
 *
 * - `run`: it is run, too; a block `text output` right after it is what it prints,
 * - `legacy`: it is compiled with `experimentalDecorators`, as Nest's users do, and not run,
 * - `continues`: it goes on where the `ts` block before it ended,
 * - `no-check`: it is left alone (pseudo-code, or code that is wrong on purpose), `no-run`: it is only type-checked.
 *
 * A hidden block (`<!-- ts` … `-->`) before a `ts` block declares what that one takes for granted.
 */
export function snippetsOf(document: string, blocks: readonly CodeBlock[]): Snippet[] {
  const drafts: Draft[] = [];
  let setup: CodeBlock | undefined;
  let last: Draft | undefined;
  for (const block of blocks) {
    if (isOutput(block)) {
      if (last?.runs) last.output = block.code.join('\n');
    } else if (!isTypeScript(block)) {
      continue;
    } else if (block.hidden) {
      setup = block;
    } else {
      if (!block.flags.has('continues') || last === undefined) drafts.push((last = emptyDraft(block.line)));
      if (setup !== undefined) place(setup, last);
      place(block, last);
      last.runs ||= block.flags.has('run');
      last.isLegacy ||= block.flags.has('legacy');
      setup = undefined;
    }
  }
  return drafts.map(({ lines, ...draft }) => {
    return { document, source: Array.from(lines, (text) => text ?? '').join('\n'), ...draft };
  });
}

const isOutput = ({ language, flags }: CodeBlock): boolean => language === 'text' && flags.has('output');

const isTypeScript = ({ language, flags }: CodeBlock): boolean =>
  ['ts', 'typescript'].includes(language) && !flags.has('no-check');

const emptyDraft = (line: number): Draft => ({ line, lines: [], runs: false, isLegacy: false, output: undefined });

function place({ line, code }: CodeBlock, draft: Draft): void {
  code.forEach((text, offset) => (draft.lines[line - 1 + offset] = text));
}
