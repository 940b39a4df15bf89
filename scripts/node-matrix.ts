/**
 * Runs the specs on other versions of Node, which npm provides: `npm run test:node -- 22 24`. What is not a version is passed on to
 * Jest: `npm run test:node -- 26 spec/core`. Processes that specs start run on the same version.
 */
import { delimiter, dirname } from 'node:path';
import { nodeBinary } from './support/node-binary';
import { outcomeOf } from './support/process';

const jest = require.resolve('jest/bin/jest');
const searched = process.env.PATH ?? '';

function passes(version: string, jestArgs: readonly string[]): boolean {
  const node = nodeBinary(version);
  process.env.PATH = `${dirname(node)}${delimiter}${searched}`;
  console.log(`Node ${outcomeOf(node, ['--version']).stdout.trim()}`);
  return outcomeOf(node, [jest, '--selectProjects', 'tc39', 'legacy', 'processes', 'package', ...jestArgs], { stdio: 'inherit' }).status === 0;
}

function main(): void {
  const args = process.argv.slice(2);
  const versions = args.filter((arg) => /^\d+(\.\d+)*$/.test(arg));
  const jestArgs = args.filter((arg) => !versions.includes(arg));
  if (versions.length === 0) throw new Error('Which version of Node? For example: npm run test:node -- 24');
  const failed = versions.filter((version) => !passes(version, jestArgs));
  if (failed.length === 0) return;
  console.error(`The specs fail on Node ${failed.join(', ')}`);
  process.exitCode = 1;
}

main();
