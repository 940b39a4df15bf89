import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json';
import { nodeBinary } from '../../scripts/support/node-binary';
import { outcomeOf } from '../../scripts/support/process';
import { consumer } from './support/consumer';

it('runs on the oldest Node that it says it needs, contexts included', () => {
  const oldest = `${packageJson.engines.node.replace('>=', '')}.0`;
  const program = join(consumer, 'oldest.mjs');
  writeFileSync(
    program,
    `
    import { createRequire } from 'node:module';
    import { CircuitOpenError, currentCall, enableCallContext, registry, withBreaker, withRetry } from 'breaker-box';
    enableCallContext();
    let attempts = 0;
    const answer = withRetry(async function answer() { if (++attempts < 2) throw new Error('down'); await null; return currentCall()?.attempt; }, { baseDelay: 1 });
    const fail = withBreaker(async function fail() { throw new Error('down'); }, { failureThreshold: 1 });
    await fail().catch(() => {});
    const rejected = await fail().catch((error) => error instanceof CircuitOpenError);
    const same = createRequire(import.meta.url)('breaker-box').registry === registry;
    console.log(JSON.stringify({ node: process.version, attempt: await answer(), rejected, same }));
    `,
  );

  const { stdout, stderr } = outcomeOf(nodeBinary(oldest), [program]);

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ node: `v${oldest}`, attempt: 2, rejected: true, same: true });
}, 120_000);
