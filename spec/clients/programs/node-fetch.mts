import { get } from 'node:http';
import { presets } from 'breaker-box/presets';
import { HTTP_SITUATIONS } from './support/http-situations.mts';
import { cut, hang, serve, stall, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};

/** As a program that throws an error of its own for a status, with the response on it. */
async function load(signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(server.url, { signal: signal ?? null });
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { response });
  return response.json();
}

for (const [situation, answer] of Object.entries(HTTP_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.http, () => load(AbortSignal.timeout(answer === hang ? 50 : 5000)));
}
const nobody = `http://127.0.0.1:${await unusedPort()}/`;
report.refused = await trial(presets.http, () => fetch(nobody));
server.answer = hang;
report['AbortSignal.timeout() over'] = await trial(presets.http, () => load(AbortSignal.timeout(30)));
report['a bad URL'] = await trial(presets.http, () => fetch('/no-host'));
report['a bad header'] = await trial(presets.http, () => fetch(nobody, { headers: { 'x-name': 'a\nb' } }));
report['a GET with a body'] = await trial(presets.http, () => fetch(nobody, { body: 'x' }));
report['a name that does not exist'] = await trial(presets.http, () => fetch('http://no-such-host.invalid/'));
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.http, (signal) => load(signal));
report['cancelled by the user, for a reason'] = await cancelledTrial(presets.http, (signal) => load(signal), new Error('the user left'));
server.answer = stall('{"part":', 'application/json');
report['cancelled by the user in the body'] = await cancelledTrial(presets.http, (signal) => load(signal));
report['AbortSignal.timeout() over in the body'] = await trial(presets.http, () => load(AbortSignal.timeout(30)));

/** The body of `http.get`. */
function loadByNode(signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(server.url, { signal }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => {
        resolve(body);
      });
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
server.answer = hang;
report['http.get: cancelled by the user'] = await cancelledTrial(presets.http, loadByNode);
report['http.get: AbortSignal.timeout() over'] = await trial(presets.http, () => loadByNode(AbortSignal.timeout(30)));
server.answer = cut('part', 'text/plain');
report['http.get: lost in the body'] = await trial(presets.http, () => loadByNode(new AbortController().signal));

server.close();
console.log(JSON.stringify(report));
