import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LIBRARY = resolve(__dirname, '../../lib');
const COMPILERS = {
  'TypeScript 6': join(require.resolve('typescript/package.json'), '../bin/tsc6'),
  'TypeScript 7': join(require.resolve('@typescript/native/package.json'), '../bin/tsc'),
};

/** Mistakes, each on the line that the message must point to. */
const MISTAKES = `
import { CircuitBreaker, Retry, withBreaker, withPolicies, withRetry } from '${LIBRARY}';

export class VideoService {
  @CircuitBreaker() size(): number { return 1; }
  @CircuitBreaker bareSize(): number { return 1; }
  @Retry({ maxAttempts: 2 }) static count(): number { return 1; }
}
export const one = withBreaker((text: string) => text.length);
export const two = withRetry((text: string) => text.length, { maxAttempts: 2 });
export const three = withPolicies((text: string) => text.length, { breaker: {} });
`;
const LINES = [5, 6, 7, 9, 10, 11];

describe.each(Object.entries(COMPILERS))('the diagnostics of %s', (_name, compiler) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'diagnostics-'));
    writeFileSync(join(folder, 'mistakes.ts'), MISTAKES);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What the compiler says about each line; an indented line goes on with the message before it. */
  const diagnose = (...options: string[]): Map<number, string> => {
    const { stdout } = spawnSync(
      process.execPath,
      [
        compiler, 'mistakes.ts', '--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false',
        '--target', 'es2022', '--module', 'node20', '--types', 'node', '--typeRoots', resolve('node_modules/@types'),
        ...options,
      ],
      { cwd: folder, encoding: 'utf8' },
    );
    const messages = new Map<number, string>();
    let line = 0;
    for (const text of stdout.split('\n').filter(Boolean)) {
      line = Number(/^mistakes\.ts\((\d+),/.exec(text)?.[1] ?? (text.startsWith(' ') ? line : 0));
      messages.set(line, `${messages.get(line) ?? ''}${text}\n`);
    }
    return messages;
  };

  it.each([
    ['TC39 decorators', []],
    ['legacy decorators', ['--experimentalDecorators']],
  ])('say in words that a synchronous function is refused: wrappers and %s', (_standard, options) => {
    const messages = diagnose(...options);

    expect([...messages.keys()].sort((a, b) => a - b)).toEqual(LINES);
    for (const line of LINES) expect(messages.get(line)).toMatch(/does not return a promise/i);
  }, 120_000);
});
