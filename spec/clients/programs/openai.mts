import { presets } from 'breaker-box/presets';
import OpenAI from 'openai';
import { failed, LLM_SITUATIONS } from './support/llm-situations.mts';
import { cut, events, hang, json, serve, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};
const options = { apiKey: 'none', maxRetries: 0, timeout: 5000 };
const client = new OpenAI({ ...options, baseURL: server.url });
const question = { model: 'm', messages: [{ role: 'user', content: 'x' }] } as const;
const ask = (options: { signal?: AbortSignal; timeout?: number } = {}) => client.chat.completions.create({ ...question, messages: [...question.messages] }, options);

for (const [situation, answer] of Object.entries(LLM_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.llm, () => ask(answer === hang ? { timeout: 50 } : {}));
}
const nobody = new OpenAI({ ...options, baseURL: `http://127.0.0.1:${await unusedPort()}` });
report.refused = await trial(presets.llm, () => nobody.models.list());
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.llm, (signal) => ask({ signal }));
report['AbortSignal.timeout() over'] = await trial(presets.llm, () => ask({ signal: AbortSignal.timeout(30) }));

const chunk = `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' } }] })}`;
async function readAll(signal?: AbortSignal): Promise<string> {
  const stream = await client.chat.completions.create({ ...question, messages: [...question.messages], stream: true }, { signal });
  let text = '';
  for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
  return text;
}
server.answer = cut(`${chunk}\n\n`, 'text/event-stream');
report['a stream that is lost'] = await trial(presets.llm, () => readAll());
server.answer = events(chunk, `data: ${JSON.stringify(failed('server_error'))}`);
report['a server error in the stream'] = await trial(presets.llm, () => readAll());
server.answer = events(chunk, `data: ${JSON.stringify(failed('rate_limit_exceeded'))}`);
report['a rate limit in the stream'] = await trial(presets.llm, () => readAll());
server.answer = events(chunk, `data: ${JSON.stringify(failed('insufficient_quota'))}`);
report['the quota is used up in the stream'] = await trial(presets.llm, () => readAll());
const cutAnswer = { id: '1', object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: '{"a":' }, finish_reason: 'length' }] };
server.answer = json(200, cutAnswer);
const format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: { type: 'object' } } } as const;
report['an answer that ends at its length'] = await trial(presets.llm, () =>
  client.chat.completions.parse({ ...question, messages: [...question.messages], response_format: format }),
);

server.close();
console.log(JSON.stringify(report));
