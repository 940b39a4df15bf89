import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LIBRARY = resolve(__dirname, '../../lib');
const COMPILERS = {
  'TypeScript 6': join(require.resolve('typescript/package.json'), '../bin/tsc6'),
  'TypeScript 7': join(require.resolve('@typescript/native/package.json'), '../bin/tsc'),
};

/** Mistakes, each on a line of its own. */
const MISTAKES = `
import { CircuitBreaker, Fallback, fallback, protect, Retry, retry, withBreaker, withBreakerSync, withPolicies, withRetry } from '${LIBRARY}';

export class VideoService {
  @CircuitBreaker() size(): number { return 1; }
  @CircuitBreaker bareSize(): number { return 1; }
  @Retry({ maxAttempts: 2 }) static count(): number { return 1; }
}
export const one = withBreaker((text: string) => text.length);
export const two = withRetry((text: string) => text.length, { maxAttempts: 2 });
export const three = withPolicies((text: string) => text.length, { breaker: {} });
export class Measures {
  @Fallback(() => 'none') async size(text: string): Promise<number> { return text.length; }
}
export const four = withPolicies(async (text: string) => text.length, { fallback: () => 'none' });
export const five = withPolicies(async (text: string) => text.length, [retry(), fallback(() => 'none')]);
export const six = withPolicies(async (text: string) => text.length, { retries: {} });
declare const maybe: (id: string) => Promise<string> | string;
declare const user: Promise<string>;
declare const items: AsyncGenerator<string>;
export const seven = withBreaker(maybe);
export const eight = withPolicies(maybe, { breaker: {} });
export const nine = withBreakerSync(maybe);
export class Sometimes {
  @Retry() load(): Promise<string> | string { return 'a'; }
}
export const ten = withBreaker(user);
export const eleven = withRetry(user, { maxAttempts: 2 });
export const twelve = withPolicies(items, { breaker: {} });
export const thirteen = withBreakerSync(user);
export const fourteen = withBreaker(VideoService);
protect(VideoService, { size: { breaker: {} } });
`;
const SYNCHRONOUS = /does not return a promise/i;
/** By the line that the message must point to. */
const MESSAGES: ReadonlyMap<number, RegExp> = new Map([
  ...[5, 6, 7, 9, 10, 11].map((line) => [line, SYNCHRONOUS] as const),
  [13, /fallback must take \(error, \.\.\.the arguments of the method\) and give what the method gives/],
  [15, /'string' is not assignable to type '(number|.*PromiseLike<number>)/],
  [16, /fallback must take \(error, \.\.\.the arguments of the function\) and give what the function gives/],
  [17, /'retries' does not exist/],
  [21, /it returns a promise only sometimes: make it async/],
  [22, /it returns a promise only sometimes: make it async/],
  [23, /it returns a promise sometimes: make it async, and use withBreaker/],
  [25, /it returns a promise only sometimes: make it async/],
  [27, /it is a promise, not a function: pass the function itself, without calling it/],
  [28, /it is a promise, not a function: pass the function itself, without calling it/],
  [29, /it is a stream, not a function: pass the function itself, without calling it/],
  [30, /it is a promise, not a function: pass the function itself, without calling it/],
  [31, /it is a class: protect\(Class, \{ method: \{ \.\.\. \} \}\) protects its methods/],
  [32, SYNCHRONOUS],
]);

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
        compiler, 'mistakes.ts', resolve('lib/globals.d.ts'), '--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false',
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
  ])('say in words why a function is refused: wrappers and %s', (_standard, options) => {
    const messages = diagnose(...options);

    expect([...messages.keys()].sort((a, b) => a - b)).toEqual([...MESSAGES.keys()]);
    for (const [line, message] of MESSAGES) expect(messages.get(line)).toMatch(message);
    // One overload's reason, not that of each.
    for (const line of [9, 10, 11, 15, 16, 17, 21, 22, 27, 28, 29, 31]) expect(messages.get(line)!.split('\n').length).toBeLessThanOrEqual(6);
  });
});
