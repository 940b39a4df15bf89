import { expected, makeProgram } from './support/program';
import { startWorker } from './support/workerd';

const source = `
  import { runProgram } from './program';
  export default {
    async fetch() {
      return Response.json({ program: await runProgram(), node: typeof process === 'object', weak: typeof WeakRef === 'function' });
    },
  };
`;

it.each([
  ['as it was before it had weak references', { compatibilityDate: '2024-09-01' }, { node: false, weak: false }],
  ['without nodejs_compat', {}, { node: false, weak: true }],
  ['with nodejs_compat', { compatibilityFlags: ['nodejs_compat'] }, { node: true, weak: true }],
  ['since nodejs_compat is its default', { compatibilityDate: '2026-11-01' }, { node: true, weak: true }],
])('runs the package in workerd %s', async (_what, options, has) => {
  const worker = await startWorker({ source, folder: makeProgram('workerd'), ...options });
  try {
    const response = await worker.fetch('/');
    expect(await response.text().then(JSON.parse)).toEqual({ program: expected, ...has });
    expect(worker.output()).toBe('');
  } finally {
    await worker.stop();
  }
});
