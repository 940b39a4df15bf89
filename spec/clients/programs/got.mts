import { presets } from 'breaker-box/presets';
import got from 'got';
import { HTTP_SITUATIONS } from './support/http-situations.mts';
import { cut, hang, serve, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};
const client = got.extend({ prefixUrl: server.url, retry: { limit: 0 } });

for (const [situation, answer] of Object.entries(HTTP_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.http, () => client.get('', { timeout: { request: answer === hang ? 50 : 5000 } }).json());
}
const nobody = `http://127.0.0.1:${await unusedPort()}/`;
report.refused = await trial(presets.http, () => got(nobody, { retry: { limit: 0 } }));
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.http, (signal) => client.get('', { signal }));
report['cancelled by the user, for a reason'] = await cancelledTrial(presets.http, (signal) => client.get('', { signal }), new Error('the user left'));
report['AbortSignal.timeout() over'] = await trial(presets.http, () => client.get('', { signal: AbortSignal.timeout(30) }));
server.answer = cut('part', 'text/plain');
report['a stream that is lost'] = await trial(presets.http, async () => {
  const chunks: unknown[] = [];
  for await (const chunk of client.stream('')) chunks.push(chunk);
  return chunks;
});

server.close();
console.log(JSON.stringify(report));
