import { existsSync } from 'node:fs';
import { join } from 'node:path';
import dashboard from '../../dashboards/grafana.json';
import { installed, runProgram } from './support/consumer';

it.each([
  ['breaker-box/prometheus', 'prom-client'],
  ['breaker-box/opentelemetry', '@opentelemetry/api'],
])('%s says which package to install when %s is not there', (specifier, peer) => {
  expect(existsSync(join(installed, '..', peer))).toBe(false);
  const told = runProgram(
    'mjs',
    `
    import { createRequire } from 'node:module';
    const required = (() => { try { createRequire(import.meta.url)('${specifier}'); } catch (error) { return error.message; } })();
    const imported = await import('${specifier}').catch((error) => error.message);
    console.log(JSON.stringify({ required, imported }));
    `,
  );
  const message = `${specifier} needs the package ${peer}, which is not installed: npm install ${peer}`;
  expect(told).toEqual({ required: message, imported: message });
});

it('has the dashboard where tools that provision Grafana find it', () => {
  expect(runProgram('cjs', `console.log(JSON.stringify(require('breaker-box/dashboards/grafana.json')));`)).toEqual(dashboard);
});

it('publishes on diagnostics channels, and gives out health and log lines, from the installed package', () => {
  const seen = runProgram(
    'mjs',
    `
    import { subscribe } from 'node:diagnostics_channel';
    import { breakerOf, registry } from 'breaker-box';
    import { breakerHealth, logTransitions } from 'breaker-box/operate';
    const seen = [];
    subscribe('breaker-box:transition', ({ to }) => seen.push(to));
    logTransitions(registry, { info: () => undefined, warn: (fields, message) => seen.push(message) });
    breakerOf('db').trip();
    console.log(JSON.stringify([...seen, breakerHealth(registry, { critical: ['db'] }).status]));
    `,
  );
  expect(seen).toEqual(['db: circuit opened (trip)', 'open', 'down']);
});
