import { presets } from 'breaker-box/presets';
import { Agent, interceptors, request } from 'undici';
import { HTTP_SITUATIONS } from './support/http-situations.mts';
import { hang, serve, stall, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};
const agent = new Agent();
const dispatcher = agent.compose(interceptors.responseError());
const get = async (url: string, options: { signal?: AbortSignal; headersTimeout?: number; bodyTimeout?: number } = {}) =>
  (await request(url, { dispatcher, ...options })).body.json();

for (const [situation, answer] of Object.entries(HTTP_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.http, () => get(server.url, answer === hang ? { headersTimeout: 50 } : {}));
}
const nobody = `http://127.0.0.1:${await unusedPort()}/`;
report.refused = await trial(presets.http, () => get(nobody));
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.http, (signal) => get(server.url, { signal }));
report['cancelled by the user, for a reason'] = await cancelledTrial(presets.http, (signal) => get(server.url, { signal }), new Error('the user left'));
report['AbortSignal.timeout() over'] = await trial(presets.http, () => get(server.url, { signal: AbortSignal.timeout(30) }));
server.answer = stall('{"part":', 'application/json');
report['a body that stops'] = await trial(presets.http, () => get(server.url, { bodyTimeout: 50 }));
report['cancelled by the user in the body'] = await cancelledTrial(presets.http, (signal) => get(server.url, { signal }));
report['a dispatcher that was destroyed'] = await trial(presets.http, async () => {
  const gone = new Agent();
  await gone.destroy();
  return request(server.url, { dispatcher: gone });
});

await agent.destroy();
server.close();
console.log(JSON.stringify(report));
