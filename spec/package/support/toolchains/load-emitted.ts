import { dirname, join } from 'node:path';
import { root } from '../../../../scripts/support/process';
import { installed } from '../consumer';
import { fixturesFolder, suitesFolder } from './suites';
import type { Toolchain } from './toolchain';

const library = join(root, 'lib');

/** Loads TypeScript files and the suites and fixtures they import, all compiled by `toolchain`; the library is the installed package. */
export class Emitted {
  private readonly loaded = new Map<string, { exports: unknown }>();

  constructor(private readonly toolchain: Toolchain) {}

  load<Exports>(file: string): Exports {
    const known = this.loaded.get(file);
    if (known !== undefined) return known.exports as Exports;
    const module = { exports: {} };
    this.loaded.set(file, module);
    // Not `node:vm`: it would run in another realm, whose `Promise` and `Error` are not those of the specs.
    new Function('module', 'exports', 'require', 'jest', this.toolchain.emit(file))(
      module, module.exports, (request: string) => this.require(request, dirname(file)), jest,
    );
    return module.exports as Exports;
  }

  private require(request: string, from: string): unknown {
    const target = request.startsWith('.') ? join(from, request) : request;
    if (target === library || target === 'breaker-box') return require(installed);
    return [suitesFolder, fixturesFolder].includes(dirname(target)) ? this.load(`${target}.ts`) : require(target);
  }
}
