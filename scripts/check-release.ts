/**
 * Refuses to publish what is no release: `npm publish` runs it. It does not run the gate, which takes many minutes: a release is
 * a commit that has passed it (CONTRIBUTING, “A release”). A rehearsal, `npm publish --dry-run`, only says what is missing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../package.json';
import { capture, root } from './support/process';

const { version } = packageJson;
const tag = `v${version}`;

function git(...args: readonly string[]): string[] {
  return capture('git', args).split('\n').filter(Boolean);
}

function missing(): string[] {
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm');
  const problems: string[] = [];
  if (git('status', '--porcelain').length > 0) problems.push('the working tree has changes that are not committed');
  if (!git('tag', '--points-at', 'HEAD').includes(tag)) problems.push(`the commit has no tag ${tag}`);
  if (!heading.test(changelog)) problems.push(`CHANGELOG.md has no section “## [${version}] - <date>”`);
  return problems;
}

function main(): void {
  const isRehearsal = process.env.npm_config_dry_run === 'true';
  const problems = missing();
  for (const problem of problems) console.error(`${isRehearsal ? 'A release would be refused' : 'No release'}: ${problem}`);
  if (problems.length > 0 && !isRehearsal) process.exitCode = 1;
}

main();
