import { tsJest, tsx, viteBuild, vitest, type Runner } from '../support/toolchains/runners';
import { createSuiteProject } from '../support/toolchains/suite-project';
import type { Standard } from '../support/toolchains/toolchain';

/** Fewer would mean that suites were not found. */
const leastTests = { legacy: 200, TC39: 250 };

it.each<[tool: string, standard: Standard, type: 'commonjs' | 'module', emitsMetadata: boolean, run: Runner]>([
  ['ts-jest with TypeScript 6', 'legacy', 'commonjs', true, tsJest],
  ['ts-jest with TypeScript 6', 'TC39', 'commonjs', false, tsJest],
  ['tsx', 'legacy', 'module', false, tsx],
  ['tsx', 'TC39', 'module', false, tsx],
  ['Vite', 'legacy', 'module', true, viteBuild({ lowered: false })],
  ['Vitest', 'legacy', 'module', true, vitest({ lowered: false })],
  ['Vite with a plugin of esbuild', 'TC39', 'module', false, viteBuild({ lowered: true })],
  ['Vitest with a plugin of esbuild', 'TC39', 'module', false, vitest({ lowered: true })],
])('%s runs %s decorators of the installed package', (_tool, standard, type, emitsMetadata, run) => {
  const { passed, failed, failures } = run(createSuiteProject({ standard, type, emitsMetadata }));

  expect({ failed, failures: failed === 0 ? '' : failures }).toEqual({ failed: 0, failures: '' });
  expect(passed).toBeGreaterThan(leastTests[standard]);
}, 300_000);
