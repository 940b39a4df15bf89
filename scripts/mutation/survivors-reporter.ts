import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { MutantResult, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import type { Reporter } from '@stryker-mutator/api/report';

/** Writes each mutant that nothing killed at the moment it is known: a run takes long, and the first survivors can be looked at meanwhile. */
export class SurvivorsReporter implements Reporter {
  static readonly inject = tokens(commonTokens.options);
  private readonly fileName: string;

  constructor(options: StrykerOptions) {
    this.fileName = (options['survivors'] as { fileName: string }).fileName;
    mkdirSync(dirname(this.fileName), { recursive: true });
    writeFileSync(this.fileName, '');
  }

  onMutantTested({ status, fileName, location, mutatorName, replacement }: MutantResult): void {
    if (status === 'Killed' || status === 'Timeout') return;
    const place = `${relative(process.cwd(), fileName)}:${location.start.line}:${location.start.column}`;
    appendFileSync(this.fileName, `${status} ${place} ${mutatorName}: ${(replacement ?? '').replaceAll(/\s+/g, ' ')}\n`);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', SurvivorsReporter)];
