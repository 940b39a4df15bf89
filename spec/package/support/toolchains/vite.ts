import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf } from '../../../../scripts/support/process';
import type { SuiteProject } from './suite-project';

/** A plugin that lowers standard decorators, since Vite leaves them as they are; `docs/toolchains.md` shows it. */
const loweringDecorators = `
  import { transform } from 'esbuild';

  const decorators = {
    name: 'decorators',
    enforce: 'pre',
    transform: (code, id) => (/\\.ts$/.test(id) ? transform(code, { loader: 'ts', target: 'es2022', sourcemap: true, sourcefile: id }) : undefined),
  };
`;

/** Configures Vite and Vitest. */
export function configure({ folder }: SuiteProject, { lowered }: { readonly lowered: boolean }): void {
  const test = `test: { globals: true, setupFiles: ['./setup.mjs'] }`;
  const config = lowered ? `${loweringDecorators}\nexport default { plugins: [decorators], ${test} };` : `export default { ${test} };`;
  writeFileSync(join(folder, 'vite.config.mjs'), config);
  writeFileSync(join(folder, 'setup.mjs'), 'globalThis.jest = vi;\n');
}

/** Builds the project's only file for Node. */
export function build({ folder }: SuiteProject): string {
  const { status, stdout, stderr } = outcomeOf('vite', ['build', '--ssr', 'suites.test.ts', '--logLevel', 'warn'], { cwd: folder });
  if (status !== 0) throw new Error(`vite build: ${stdout}${stderr}`);
  return join('dist', 'suites.test.js');
}
