import axios from 'axios';
import { presets } from 'breaker-box/presets';
import { HTTP_SITUATIONS } from './support/http-situations.mts';
import { hang, serve, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};

for (const adapter of ['http', 'fetch'] as const) {
  const client = axios.create({ baseURL: server.url, adapter });
  for (const [situation, answer] of Object.entries(HTTP_SITUATIONS)) {
    server.answer = answer;
    report[`${adapter}: ${situation}`] = await trial(presets.http, () => client.get('/', { timeout: answer === hang ? 50 : 5000 }));
  }
  const nobody = `http://127.0.0.1:${await unusedPort()}/`;
  report[`${adapter}: refused`] = await trial(presets.http, () => client.get(nobody));
  server.answer = hang;
  report[`${adapter}: cancelled by the user`] = await cancelledTrial(presets.http, (signal) => client.get('/', { signal }));
  report[`${adapter}: cancelled by the user, for a reason`] = await cancelledTrial(presets.http, (signal) => client.get('/', { signal }), new Error('the user left'));
  report[`${adapter}: AbortSignal.timeout() over`] = await trial(presets.http, () => client.get('/', { signal: AbortSignal.timeout(30) }));
}

const source = () => {
  const { token, cancel } = axios.CancelToken.source();
  setTimeout(cancel, 30, 'no longer wanted');
  return token;
};
report['cancelled by a CancelToken'] = await trial(presets.http, () => axios.get(server.url, { cancelToken: source() }));
report['ETIMEDOUT in place of ECONNABORTED'] = await trial(presets.http, () =>
  axios.get(server.url, { timeout: 30, transitional: { clarifyTimeoutError: true } }),
);

server.close();
console.log(JSON.stringify(report));
