/** The ways users' projects find our types. None has `@types/node`, and none skips the check of our declarations. */

interface TypeResolution {
  readonly name: string;
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
  { name: 'node16-import', file: 'consumer.mts', compilerOptions: { ...common, module: 'node16' } },
  { name: 'node16-require', file: 'consumer.cts', compilerOptions: { ...common, module: 'node16' } },
  {
    name: 'bundler',
    file: 'consumer.ts',
    compilerOptions: { ...common, lib: ['esnext', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
  },
  {
    name: 'bundler-legacy-decorators',
    file: 'consumer.ts',
    compilerOptions: { ...common, module: 'esnext', moduleResolution: 'bundler', experimentalDecorators: true },
  },
];

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
