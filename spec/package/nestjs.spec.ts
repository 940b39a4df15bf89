import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync, type Format } from 'esbuild';
import { run } from '../../scripts/support/process';
import { consumer, runProgram } from './support/consumer';
import { nestApplication } from './support/nest-application';

/** Installs the packed package and some others into a project of their own. */
function projectWith(...packages: string[]): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'breaker-box-nest-')));
  const tarball = readdirSync(join(consumer, 'tarball')).map((file) => join(consumer, 'tarball', file));
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  run('npm', ['install', '--prefer-offline', '--silent', '--no-audit', '--no-fund', ...tarball, ...packages], { cwd: folder });
  return folder;
}

function programAs(format: Format): string {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
  return transformSync(nestApplication, { loader: 'ts', format, target: 'es2022', tsconfigRaw }).code;
}

describe.each([11, 12])('with Nest %i', (major) => {
  let folder: string;

  beforeAll(() => {
    const nest = ['common', 'core', 'platform-express', 'terminus'].map((name) => `@nestjs/${name}@${major}`);
    folder = projectWith(...nest, 'reflect-metadata@0.2', 'rxjs@7');
  }, 300_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['imported', 'mjs', 'esm'],
    ['required', 'cjs', 'cjs'],
  ] as const)('keeps guards, answers 503, and shows its health: %s', (_how, extension, format) => {
    expect(runProgram(extension, programAs(format), folder)).toMatchObject({
      stranger: 403,
      failed: 500,
      rejected: { status: 503, retryAfter: expect.stringMatching(/^[34]\d$/), body: { code: 'BREAKER_OPEN' } },
      health: { status: 503, body: { error: { breakers: { status: 'down', operations: { 'Rates.rates': { state: 'open' } } } } } },
    });
  });

  it('says which package to install for health checks, and does without it for all else', () => {
    rmSync(join(folder, 'node_modules', '@nestjs', 'terminus'), { recursive: true });
    const message = runProgram('cjs', `
      require('reflect-metadata');
      const { Module } = require('@nestjs/common');
      const { NestFactory } = require('@nestjs/core');
      const { BreakerBoxModule, BreakerHealthIndicator } = require('breaker-box/nestjs');
      class AppModule {}
      Module({ imports: [BreakerBoxModule.forRoot()] })(AppModule);
      NestFactory.createApplicationContext(AppModule, { logger: false }).then(async (app) => {
        try {
          app.get(BreakerHealthIndicator).isHealthy();
        } catch (error) {
          console.log(JSON.stringify(error.message));
        }
        await app.close();
      });
    `, folder);
    expect(message).toBe('breaker-box/nestjs needs the package @nestjs/terminus, which is not installed: npm install @nestjs/terminus');
  });
});

it('says which package to install where there is no Nest', () => {
  const message = runProgram('cjs', `
    try {
      require('breaker-box/nestjs');
    } catch (error) {
      console.log(JSON.stringify(error.message));
    }
  `);
  expect(message).toBe('breaker-box/nestjs needs the package @nestjs/common, which is not installed: npm install @nestjs/common');
});
