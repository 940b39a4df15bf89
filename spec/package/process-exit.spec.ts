import { transformSync } from 'esbuild';
import { runProgram } from './support/consumer';

const thousandMethods = Array.from(
  { length: 1000 },
  (_, n) => `@Retry({ maxAttempts: 2 }) @CircuitBreaker({ failureThreshold: 3 }) async method${n}() { return ${n}; }`,
);

/** Decorates a thousand methods, calls each once, and prints what could keep the process alive then. */
const program = (legacy: boolean): string =>
  transformSync(
    `
    const { CircuitBreaker, Retry, registry } = require('breaker-box');
    class Service {
      ${thousandMethods.join('\n')}
    }
    const service = new Service();
    const calls = Array.from({ length: 1000 }, (_, n) => service['method' + n]());
    Promise.all(calls).then((values) => {
      const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind === 'Immediate');
      console.log(JSON.stringify({ values: values.length, operations: registry.size, timers }));
    });
    `,
    {
      loader: 'ts',
      format: 'cjs',
      target: 'es2022',
      tsconfigRaw: { compilerOptions: { experimentalDecorators: legacy } },
    },
  ).code;

it.each([
  ['TC39', false],
  ['legacy', true],
])('lets a process end by itself that decorated a thousand methods: %s decorators', (_standard, legacy) => {
  expect(runProgram('cjs', program(legacy))).toEqual({ values: 1000, operations: 1000, timers: [] });
});

it('keeps a process alive while a caller waits for a retry', () => {
  const outcome = runProgram(
    'cjs',
    `
    const { withRetry } = require('breaker-box');
    let runs = 0;
    const flaky = withRetry(async () => { if (++runs < 3) throw new Error('down'); return runs; }, { baseDelay: 20, jitter: false });
    flaky().then((value) => console.log(JSON.stringify(value)));
    `,
  );
  expect(outcome).toBe(3);
});
