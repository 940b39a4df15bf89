import { runProgram } from './support/consumer';
import { makeProject } from './support/runner-project';

const source = `
import { registry, withBreaker } from 'breaker-box';
import { snapshot } from 'breaker-box/operate';
async function loadVideo() {}
async function sendMail() {}
const held = [withBreaker(loadVideo), withBreaker(sendMail), withBreaker(loadVideo, { name: 'said' })];
const warnings = [];
process.on('warning', ({ code }) => { warnings.push(code); });
const names = snapshot(registry).breakers.map(({ name }) => name);
setImmediate(() => console.log(JSON.stringify({ names, warnings, held: held.length })));
`;

describe('rule 56: the snapshot of a program that esbuild has minified', () => {
  it.each([
    ['has no derived name, and says why', {}, { names: ['said'], warnings: ['BREAKER_BOX_UNNAMED'], held: 3 }],
    ['has them where names are kept', { keepNames: true }, { names: ['loadVideo', 'sendMail', 'said'], warnings: [], held: 3 }],
  ])('%s', (_what, options, expected) => {
    const folder = makeProject(`minified-${Object.keys(options).length}`, { 'main.js': source }, ['esbuild']);
    const build = `
      const build = { entryPoints: ['main.js'], bundle: true, minify: true, format: 'cjs', platform: 'node', packages: 'external', outfile: 'out.js', ...${JSON.stringify(options)} };
      require('esbuild').build(build).then(() => require('./out.js'));
    `;
    expect(runProgram('cjs', build, folder)).toEqual(expected);
  });
});
