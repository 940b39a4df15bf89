import type { EntryPoint } from './entry-points';

/** The ways users' projects find our types. None has `@types/node`, and none skips the check of our declarations. */

interface TypeResolution {
  readonly name: string;
  /** How the resolution looks for modules: as `import` does, or as `require` does. */
  readonly format: EntryPoint['format'];
  readonly file: string;
  readonly compilerOptions: Record<string, unknown>;
}

const common = {
  noEmit: true,
  strict: true,
  skipLibCheck: false,
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
};

export const typeResolutions: readonly TypeResolution[] = [
  { name: 'node16-import', format: 'esm', file: 'consumer.mts', compilerOptions: { ...common, module: 'node16' } },
  { name: 'node16-require', format: 'cjs', file: 'consumer.cts', compilerOptions: { ...common, module: 'node16' } },
  {
    name: 'bundler',
    format: 'esm',
    file: 'consumer.ts',
    compilerOptions: { ...common, lib: ['esnext', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
  },
  {
    name: 'bundler-legacy-decorators',
    format: 'esm',
    file: 'consumer.ts',
    compilerOptions: { ...common, module: 'esnext', moduleResolution: 'bundler', experimentalDecorators: true },
  },
];

/**
 * A program that imports subpaths. It type-checks only if no export of theirs is an `any`, which is what a declaration becomes when what
 * it refers to is not found. Those that are ES modules in Node cannot be required there.
 */
export function subpathSource(entries: readonly EntryPoint[], { format }: TypeResolution): string {
  const importable = entries.filter((entry) => entry.path !== 'index' && (format === 'esm' || entry.format === 'cjs'));
  return [
    'type Untyped<M> = { [K in keyof M]: 0 extends 1 & M[K] ? K : never }[keyof M];',
    ...importable.map(({ specifier }, n) => `import * as entry${n} from '${specifier}';`),
    ...importable.map((_, n) => `export const untyped${n}: [Untyped<typeof entry${n}>] extends [never] ? true : Untyped<typeof entry${n}> = true;`),
  ].join('\n');
}

/** With the optional peers, whose declarations are not ours to check, and which need those of Node. */
export const besidePeers = { skipLibCheck: true, types: ['node'] };

/** Type-checks only if every name resolves to its real type: an `any` in its place makes an expected error vanish. */
export const consumerSource = `
import {
  Breaker,
  CircuitBreaker,
  CircuitOpenError,
  Retry,
  withBreaker,
  withRetry,
  type BreakerOptions,
  type RetryOptions,
} from 'breaker-box';

class VideoService {
  @Retry({ maxAttempts: 5, baseDelay: '1s' })
  @CircuitBreaker({ failureThreshold: 3, recoveryTimeout: '60s' })
  async download(id: string): Promise<number> {
    return id.length;
  }

  @CircuitBreaker
  async storagePath(id: string): Promise<string> {
    return id;
  }
}

export const bytes: Promise<number> = new VideoService().download('a');

const length = withRetry(withBreaker(async (text: string) => text.length), { maxAttempts: 2 });
export const result: Promise<number> = length('a');
export const operation: string = length.operation;
export const state: 'closed' | 'open' | 'half_open' = new Breaker().state;
export const options: BreakerOptions & RetryOptions = { recoveryTimeout: '250ms', baseDelay: 10 };
export const retryAfterOf = (error: CircuitOpenError): number => error.retryAfter;

// @ts-expect-error - arguments are checked
void length(1);
// @ts-expect-error - durations are a type of their own, and stay one where the types of a dependency are missing
withBreaker(async () => 1, { recoveryTimeout: 'soon' });
// @ts-expect-error - unknown options are refused
withBreaker(async () => 1, { treshold: 1 });
// @ts-expect-error - synchronous functions are refused
withBreaker((text: string) => text.length);
`;
