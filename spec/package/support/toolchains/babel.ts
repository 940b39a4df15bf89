import { readFileSync } from 'node:fs';
import { transformSync } from '@babel/core';
import type { Standard, Toolchain } from './toolchain';

const versions = { legacy: ['legacy'], TC39: ['2022-03', '2023-11'] } as const;

export type BabelVersion = (typeof versions)[Standard][number];

/** What `limits.spec.ts` shows. */
const unsupported: Readonly<Record<BabelVersion, readonly string[]>> = {
  legacy: ['computed-names', 'parameters.legacy'],
  '2022-03': ['stacking', 'foreign-decorators', 'fields', 'field-receivers'],
  '2023-11': [],
};

export function babel(standard: Standard, version: BabelVersion): Toolchain {
  return {
    name: `babel 7, version ${version}`,
    standard,
    nativeStreams: true,
    keepsNames: true,
    emitsMetadata: false,
    unsupported: unsupported[version],
    emit: (file) =>
      transformSync(readFileSync(file, 'utf8'), {
        filename: file,
        configFile: false,
        babelrc: false,
        presets: [[require.resolve('@babel/preset-typescript'), { allowDeclareFields: true }]],
        plugins: [
          [require.resolve('@babel/plugin-proposal-decorators'), { version }],
          require.resolve('@babel/plugin-transform-modules-commonjs'),
        ],
      })!.code!,
  };
}

export const babelVersions = (standard: Standard): Toolchain[] => versions[standard].map((version) => babel(standard, version));
