import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf } from '../../scripts/support/process';
import { consumer } from './support/consumer';

/** What a mistake in options prints when nobody catches it. */
function printed(entry: string, ...nodeOptions: string[]): string {
  const program = join(consumer, 'mistaken.mjs');
  writeFileSync(program, `import { withRetry } from '${entry}';\nwithRetry(async () => 1, { maxAttempts: 0 });\n`);
  return outcomeOf(process.execPath, [...nodeOptions, program], { cwd: consumer }).stderr;
}

it.each([
  ['for Node', 'breaker-box'],
  ['for bundlers', './node_modules/breaker-box/dist/production/esm/index.mjs'],
])('a stack trace of the build %s maps to the sources', (_what, entry) => {
  const frames = printed(entry, '--enable-source-maps').match(/^ {4}at .*$/gm)!.join('\n');
  expect(frames).toMatch(/at withRetry \(.*\/lib\/retry\/policy\.ts:\d+:\d+\)/);
  expect(frames).not.toContain('breaker-box/dist/');
  expect(frames).toMatch(/mistaken\.mjs:2:1/);
});

it('does not print a whole file with an error that nobody catches', () => {
  const text = printed('breaker-box');
  expect(text).toContain('ConfigurationError');
  expect(text.length).toBeLessThan(4000);
});
