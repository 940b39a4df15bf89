/**
 * Writes the tables of options in the documents, between `<!-- options: BreakerOptions -->` and `<!-- end of options -->`.
 *
 * The sentences are those of the doc comments; the defaults are the schemas'. It fails where the two disagree: an option
 * that one of them lacks, another default, a range that the comment does not tell. With `--check` it writes nothing
 * and fails when a table is out of date.
 */
import './support/dev';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { levelSchema } from '../lib/breaker/options';
import { aimdSchema, bulkheadSchema, gradientSchema } from '../lib/bulkhead/options';
import { budgetSchema } from '../lib/retry/budget';
import { rateLimitSchema } from '../lib/rate-limit/options';
import { cacheSchema } from '../lib/cache/options';
import { hedgeSchema } from '../lib/hedge/options';
import { chaosSchema } from '../lib/chaos/options';
import { fallbackSchema } from '../lib/fallback/options';
import { retrySchema } from '../lib/retry/options';
import { throttleSchema } from '../lib/throttle/options';
import { timeoutSchema } from '../lib/timeout/options';
import { axiosSchema } from '../lib/adapters/axios/axios-call';
import { fetchSchema } from '../lib/fetch/fetch-with';
import { shareSchema } from '../lib/fleet/options';
import { OptionComments, type OptionComment } from './support/option-comments';
import { optionsOf, optionsOfVariant, type OptionSchema } from './support/option-schema';
import { root } from './support/process';

interface Source {
  readonly file: string;
  readonly schema: ReadonlyMap<string, OptionSchema>;
}

const breakerFile = 'lib/breaker/options.ts';
const bulkheadFile = 'lib/bulkhead/options.ts';

/** By the name of the interface. */
const sources: ReadonlyMap<string, Source> = new Map([
  ['BreakerOptions', { file: breakerFile, schema: optionsOf(levelSchema) }],
  ['WindowRates', { file: breakerFile, schema: windowRates() }],
  ['BulkheadOptions', { file: bulkheadFile, schema: optionsOf(bulkheadSchema) }],
  ['AimdOptions', { file: bulkheadFile, schema: optionsOf(aimdSchema) }],
  ['GradientOptions', { file: bulkheadFile, schema: optionsOf(gradientSchema) }],
  ['HedgeOptions', { file: 'lib/hedge/options.ts', schema: optionsOf(hedgeSchema) }],
  ['CacheOptions', { file: 'lib/cache/options.ts', schema: optionsOf(cacheSchema) }],
  ['FallbackOptions', { file: 'lib/fallback/options.ts', schema: optionsOf(fallbackSchema) }],
  ['ChaosOptions', { file: 'lib/chaos/options.ts', schema: optionsOf(chaosSchema) }],
  ['RetryOptions', { file: 'lib/retry/options.ts', schema: optionsOf(retrySchema) }],
  ['RetryBudgetOptions', { file: 'lib/retry/budget.ts', schema: optionsOf(budgetSchema) }],
  ['RateLimitOptions', { file: 'lib/rate-limit/options.ts', schema: optionsOf(rateLimitSchema) }],
  ['TimeoutOptions', { file: 'lib/timeout/options.ts', schema: optionsOf(timeoutSchema) }],
  ['ThrottleOptions', { file: 'lib/throttle/options.ts', schema: optionsOf(throttleSchema) }],
  ['ShareOptions', { file: 'lib/fleet/options.ts', schema: optionsOf(shareSchema) }],
  ['AxiosOptions', { file: 'lib/adapters/axios/axios-call.ts', schema: optionsOf(axiosSchema) }],
  ['FetchOptions', { file: 'lib/fetch/fetch-with.ts', schema: optionsOf(fetchSchema) }],
]);

const marked = /(<!-- options: (\w+) -->\n)[\s\S]*?(<!-- end of options -->)/g;

function main(): void {
  const isCheck = process.argv.includes('--check');
  const comments = new OptionComments([...sources.values()].map(({ file }) => file));
  const problems: string[] = [];
  let count = 0;
  for (const path of documentPaths()) {
    const text = readFileSync(path, 'utf8');
    const fresh = text.replace(marked, (_all, start: string, name: string, end: string) => {
      count++;
      return `${start}\n${tableOf(name, comments, problems)}\n\n${end}`;
    });
    if (fresh === text) continue;
    if (isCheck) problems.push(`${relative(root, path)}: its tables of options are out of date: npm run docs`);
    else writeFileSync(path, fresh);
  }
  problems.forEach((problem) => console.error(problem));
  console.log(`${count} tables of options`);
  if (problems.length > 0) process.exitCode = 1;
}

function documentPaths(): string[] {
  const docs = join(root, 'docs');
  const pages = existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((path) => join(docs, path)) : [];
  return [join(root, 'README.md'), ...pages].filter((path) => path.endsWith('.md') && existsSync(path));
}

/** The two kinds of window have the same rates. */
function windowRates(): Map<string, OptionSchema> {
  const rates = optionsOfVariant(levelSchema, 'window', { type: 'time' });
  rates.delete('type');
  rates.delete('duration');
  return rates;
}

function tableOf(name: string, comments: OptionComments, problems: string[]): string {
  const source = sources.get(name);
  if (source === undefined) throw new Error(`there is no table of ${name}; there are: ${[...sources.keys()].join(', ')}`);
  const options = comments.of(source.file, name);
  problems.push(...disagreements(options, source.schema).map((problem) => `${source.file}: ${name}.${problem}`));
  const rows = options.map((option) => rowOf(option, source.schema.get(option.name)));
  return ['| option | meaning | default |', '|---|---|---|', ...rows].join('\n');
}

function rowOf({ name, sentences, defaultValue }: OptionComment, schema: OptionSchema | undefined): string {
  const code = schema?.defaultValue;
  const shown = code === undefined ? (defaultValue ?? '–') : `\`${code}\``;
  return `| ${[`\`${name}\``, sentences, shown].map(cell).join(' | ')} |`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function disagreements(comments: readonly OptionComment[], schema: ReadonlyMap<string, OptionSchema>): string[] {
  const told = new Set(comments.map(({ name }) => name));
  const untold = [...schema.keys()].filter((name) => !told.has(name)).map((name) => `${name} has no doc comment`);
  return [...untold, ...comments.flatMap((comment) => disagreementsOf(comment, schema.get(comment.name)))];
}

function disagreementsOf(comment: OptionComment, schema: OptionSchema | undefined): string[] {
  const { name, sentences, defaultValue } = comment;
  if (schema === undefined) return [`${name} is not in the schema`];
  const problems: string[] = [];
  if (sentences === '') problems.push(`${name} is not explained`);
  if (schema.defaultValue !== undefined && defaultValue !== schema.defaultValue) {
    problems.push(`${name}: the comment's default is ${defaultValue}, the schema's ${schema.defaultValue}`);
  }
  if (!tellsRange(sentences, schema.range)) problems.push(`${name}: the comment does not say ${schema.range}`);
  for (const [part, { defaultValue: ofPart, range }] of schema.parts) {
    if (!sentences.includes(`\`${part}\``)) problems.push(`${name}: the comment does not mention ${part}`);
    if (ofPart !== undefined && !sentences.includes(`default ${ofPart}`)) problems.push(`${name}: the comment does not say default ${ofPart}`);
    if (!tellsRange(sentences, range)) problems.push(`${name}.${part}: the comment does not say ${range}`);
  }
  return problems;
}

/** A bound that is another option is the narrower one. */
function tellsRange(sentences: string, range: string | undefined): boolean {
  return range === undefined || sentences.includes(range) || /≥ `\w+`/.test(sentences);
}

main();
