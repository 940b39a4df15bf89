import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf } from '../../scripts/support/process';
import { consumer, installed } from './support/consumer';

/** As npm has put it into the project that installed the package. */
function breakerBox(...args: string[]) {
  const { status, stdout, stderr } = outcomeOf(join(consumer, 'node_modules', '.bin', 'breaker-box'), args, { cwd: consumer });
  return { code: status, out: stdout, err: stderr };
}

it('runs by its name', () => {
  const { code, out } = breakerBox('fleet', '--help');
  expect(code).toBe(0);
  expect(out).toContain('Usage: breaker-box fleet');
});

it('says its version', () => {
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string };
  expect(breakerBox('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

it('says what to install where there is no client for Redis', () => {
  expect(breakerBox('fleet', 'status', '--redis', 'redis://127.0.0.1')).toEqual({
    code: 1,
    out: '',
    err: 'error: none of redis, ioredis, iovalkey is installed here, and one is needed to reach Redis: npm install redis\n',
  });
});
