import { readFileSync } from 'node:fs';
import { transformSync, type JscTarget, type TransformConfig } from '@swc/core';
import type { Standard, Toolchain } from './toolchain';

const transforms: Readonly<Record<Standard, readonly [variant: string, TransformConfig][]>> = {
  legacy: [['legacyDecorator', { legacyDecorator: true, decoratorMetadata: true }]],
  TC39: [
    ['decoratorVersion 2022-03', { decoratorVersion: '2022-03' }],
    ['decoratorVersion 2023-11', { decoratorVersion: '2023-11' }],
  ],
};

function swc(standard: Standard, variant: string, transform: TransformConfig, target: JscTarget): Toolchain {
  return {
    name: `swc, ${variant}, ${target}`,
    standard,
    nativeStreams: target !== 'es2017',
    keepsNames: true,
    emitsMetadata: standard === 'legacy',
    emit: (file) =>
      transformSync(readFileSync(file, 'utf8'), {
        filename: file,
        swcrc: false,
        module: { type: 'commonjs' },
        jsc: { target, keepClassNames: true, parser: { syntax: 'typescript', decorators: true }, transform },
      }).code,
  };
}

export const swcVersions = (standard: Standard): Toolchain[] =>
  transforms[standard].flatMap(([variant, transform]) => [
    swc(standard, variant, transform, 'es2022'),
    swc(standard, variant, transform, 'es2017'),
  ]);
