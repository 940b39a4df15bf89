import { babelVersions } from './babel';
import { esbuildTargets } from './esbuild';
import { swcVersions } from './swc';
import type { Standard, Toolchain } from './toolchain';
import { typescript5And6 } from './typescript';
import { typescript7Targets } from './typescript-7';

/** The tools that hand out what they emit. Those that only run programs are in `runners.spec.ts`. */
export const compilers = (standard: Standard): Toolchain[] =>
  [typescript5And6, typescript7Targets, esbuildTargets, swcVersions, babelVersions].flatMap((toolchainsOf) => toolchainsOf(standard));
