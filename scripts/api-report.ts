/**
 * Writes `docs/api/`: what each entry point exports, as one reads it in a review. With `--check` it writes nothing and fails, with a
 * diff, where a report is out of date: docs/decisions/0004-api-report.md.
 */
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel, type IConfigFile } from '@microsoft/api-extractor';
import { entryPoints, type EntryPoint } from './support/entry-points';
import { root } from './support/process';

const folder = join(root, 'docs', 'api');
const settings = join(root, 'api-extractor.json');
const checks = process.argv.includes('--check');

const reportOf = ({ specifier }: EntryPoint): string => `${specifier.replaceAll('/', '-')}.api.md`;

function isUpToDate(entry: EntryPoint): boolean {
  const config = ExtractorConfig.prepare({ configObject: configFor(entry), configObjectFullPath: settings, packageJsonFullPath: join(root, 'package.json') });
  return Extractor.invoke(config, { localBuild: !checks, printApiReportDiff: checks }).succeeded;
}

function configFor(entry: EntryPoint): IConfigFile {
  const config = ExtractorConfig.loadFile(settings);
  config.mainEntryPointFilePath = join(root, entry.types);
  config.apiReport = { ...config.apiReport!, reportFileName: basename(reportOf(entry), '.api.md') };
  if (entry.path !== 'index') {
    // What a subpath mentions of the library, in its types and in its comments, is in the report of the library.
    config.apiReport.includeForgottenExports = false;
  }
  // Comments of what is internal link to what no entry point exports.
  config.messages!.extractorMessageReporting!['ae-unresolved-link'] = { logLevel: ExtractorLogLevel.None };
  return config;
}

/** Reports of entry points that are gone. */
function leftOver(entries: readonly EntryPoint[]): string[] {
  const reports = new Set(entries.map(reportOf));
  return readdirSync(folder).filter((file) => file.endsWith('.api.md') && !reports.has(file));
}

function main(): void {
  const entries = entryPoints();
  const stale = entries.filter((entry) => !isUpToDate(entry)).map(reportOf);
  const unknown = leftOver(entries);
  if (!checks) unknown.forEach((file) => rmSync(join(folder, file)));
  const problems = checks ? [...stale, ...unknown] : stale;
  if (problems.length === 0) return;
  console.error(`out of date: ${problems.join(', ')}; npm run api-report writes them`);
  process.exitCode = 1;
}

main();
