import Anthropic from '@anthropic-ai/sdk';
import { presets } from 'breaker-box/presets';
import { failed, LLM_SITUATIONS } from './support/llm-situations.mts';
import { cut, events, hang, serve, stall, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};
const options = { apiKey: 'none', maxRetries: 0, timeout: 5000 };
const client = new Anthropic({ ...options, baseURL: server.url });
const question = (): Anthropic.MessageCreateParamsNonStreaming => ({ model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] });
const ask = (options: { signal?: AbortSignal; timeout?: number } = {}) => client.messages.create(question(), options);

for (const [situation, answer] of Object.entries(LLM_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.llm, () => ask(answer === hang ? { timeout: 50 } : {}));
}
const nobody = new Anthropic({ ...options, baseURL: `http://127.0.0.1:${await unusedPort()}` });
report.refused = await trial(presets.llm, () => nobody.models.list());
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.llm, (signal) => ask({ signal }));
report['AbortSignal.timeout() over'] = await trial(presets.llm, () => ask({ signal: AbortSignal.timeout(30) }));

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}`;
const begun = [
  event('message_start', { message: { id: '1', type: 'message', role: 'assistant', model: 'm', content: [], usage: { input_tokens: 1, output_tokens: 1 } } }),
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
];
const readAll = (signal?: AbortSignal) => client.messages.stream(question(), { signal }).finalText();
server.answer = cut(`${begun.join('\n\n')}\n\n`, 'text/event-stream');
report['a stream that is lost'] = await trial(presets.llm, () => readAll());
for (const type of ['overloaded_error', 'api_error', 'rate_limit_error', 'invalid_request_error']) {
  server.answer = events(...begun, event('error', failed(type)));
  report[`${type} in the stream`] = await trial(presets.llm, () => readAll());
}
server.answer = events(...begun);
report['a stream that ends too soon'] = await trial(presets.llm, () => readAll());
server.answer = stall(`${begun.join('\n\n')}\n\n`, 'text/event-stream');
report['cancelled by the user in the stream'] = await cancelledTrial(presets.llm, readAll);

server.close();
console.log(JSON.stringify(report));
