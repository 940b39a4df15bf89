/** What tools cannot do, with the messages that docs/toolchains.md tells. Where one of these fails, a tool has learned something. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as typescript5 from 'typescript-5';
import * as typescript6 from 'typescript';
import { nodeBinary } from '../../../scripts/support/node-binary';
import { outcomeOf } from '../../../scripts/support/process';
import { consumer } from '../support/consumer';
import { babel } from '../support/toolchains/babel';
import { esbuild } from '../support/toolchains/esbuild';
import { Emitted } from '../support/toolchains/load-emitted';
import { vitest } from '../support/toolchains/runners';
import { createSuiteProject } from '../support/toolchains/suite-project';
import { fixturesFolder } from '../support/toolchains/suites';
import { outcomeOfNodeTest } from '../support/toolchains/test-outcome';
import type { Toolchain } from '../support/toolchains/toolchain';
import { typescript } from '../support/toolchains/typescript';
import { typescript7 } from '../support/toolchains/typescript-7';
import * as vite from '../support/toolchains/vite';

const syntaxError = 'SyntaxError: Invalid or unexpected token';

const write = (name: string, source: string): string => {
  const path = join(mkdtempSync(join(consumer, 'limits-')), name);
  writeFileSync(path, source);
  return path;
};

describe('The target ESNext', () => {
  it.each([
    typescript(typescript5, 'TC39', 'ESNext'),
    typescript(typescript6, 'TC39', 'ESNext'),
    typescript7('TC39', 'ESNext'),
    esbuild('TC39', 'esnext', true),
  ])('leaves standard decorators as they are, and Node does not know them: $name', (toolchain) => {
    const load = () => new Emitted(toolchain).load(join(fixturesFolder, 'members.ts'));

    expect(load).toThrow(new SyntaxError('Invalid or unexpected token'));
  });
});

describe('tsc --init', () => {
  it.each([
    ['TypeScript 5.9', 'typescript-5', 'tsc'],
    ['TypeScript 6', 'typescript', 'tsc6'],
    ['TypeScript 7', '@typescript/native', 'tsc'],
  ])('of %s writes that target, so that it must be changed, as the README says', (_name, compiler, program) => {
    const folder = mkdtempSync(join(consumer, 'init-'));
    outcomeOf(process.execPath, [join(require.resolve(`${compiler}/package.json`), '..', 'bin', program), '--init'], { cwd: folder });

    expect(readFileSync(join(folder, 'tsconfig.json'), 'utf8')).toMatch(/"target": "esnext"/);
  });
});

describe('Vite', () => {
  it('leaves standard decorators as they are, and Node does not know them', () => {
    const project = createSuiteProject({ standard: 'TC39', type: 'module', emitsMetadata: false });
    vite.configure(project, { lowered: false });

    expect(outcomeOfNodeTest(project.folder, vite.build(project)).failures).toContain(syntaxError);
  }, 60_000);
});

describe('Vitest', () => {
  it('cannot load a file with standard decorators', () => {
    const { passed, failures } = vitest({ lowered: false })(createSuiteProject({ standard: 'TC39', type: 'module', emitsMetadata: false }));

    expect(failures).toContain('Invalid or unexpected token');
    expect(passed).toBe(0);
  }, 60_000);
});

describe('The type stripping of Node', () => {
  const run = (source: string) => outcomeOf(nodeBinary('26'), [write('program.mts', source)]);

  // It reads no tsconfig.json, so there is nothing to choose.
  it('knows no decorators of either standard', () => {
    const { status, stderr } = run(`
      import { CircuitBreaker } from 'breaker-box';
      class VideoService {
        @CircuitBreaker
        async download(id: string): Promise<string> { return id; }
      }
    `);

    expect(stderr).toContain(syntaxError);
    expect(status).toBe(1);
  }, 60_000);

  it('runs programs that wrap functions, or protect classes', () => {
    const { stdout } = run(`
      import { protect, registry, withBreaker } from 'breaker-box';
      const download = withBreaker(async (id: string): Promise<string> => id, { name: 'videos.download' });
      class VideoService {
        async download(id: string): Promise<string> { return id; }
      }
      protect(VideoService, { download: { breaker: {} } });
      console.log(await download('a'), await new VideoService().download('b'), [...registry.names()].join());
    `);

    expect(stdout).toBe('a b videos.download,VideoService.download\n');
  }, 60_000);
});

describe('Babel 7', () => {
  const load = <Exports>(toolchain: Toolchain, source: string) => new Emitted(toolchain).load<Exports>(write('service.ts', source));

  it('decorates no computed names: legacy', () => {
    const source = `
      import { CircuitBreaker } from 'breaker-box';
      class VideoService {
        @CircuitBreaker
        async [Symbol.for('download')]() {}
      }
    `;

    expect(() => load(babel('legacy', 'legacy'), source)).toThrow('Computed method/property decorators are not yet supported.');
  });

  it('leaves the decorators of parameters, of other libraries too, as they are: legacy', () => {
    const source = `
      class VideoService {
        async download(@Inject id: string) {}
      }
    `;

    expect(() => load(babel('legacy', 'legacy'), source)).toThrow(new SyntaxError('Invalid or unexpected token'));
  });

  it.each(['2022-03', '2023-11'] as const)('refuses the decorators of parameters: version %s', (version) => {
    const source = `
      class VideoService {
        async download(@Inject id: string) {}
      }
    `;

    expect(() => load(babel('TC39', version), source)).toThrow('Decorators cannot be used to decorate parameters.');
  });

  it.each([
    ['2022-03', ['VideoService.download', 'VideoService.download#2']],
    ['2023-11', ['VideoService.download']],
  ] as const)('version %s has a stack around a decorator of somebody else as the operations %j', async (version, operations) => {
    const { names } = load<{ names: Promise<string[]> }>(
      babel('TC39', version),
      `
      import { BreakerRegistry, CircuitBreaker, Retry } from 'breaker-box';
      const registry = new BreakerRegistry();
      const Trace = (method, _context) => function traced(...args) { return method.apply(this, args); };
      class VideoService {
        @Retry({ registry })
        @Trace
        @CircuitBreaker({ registry })
        async download() {}
      }
      export const names = new VideoService().download().then(() => [...registry.names()]);
      `,
    );

    expect(await names).toEqual(operations);
  });
});
