import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, Output, streamText } from 'ai';
import { presets } from 'breaker-box/presets';
import { failed, LLM_SITUATIONS } from './support/llm-situations.mts';
import { cut, events, hang, json, serve, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
const server = await serve();
const report: Record<string, unknown> = {};
const modelAt = (baseURL: string) => createOpenAICompatible({ name: 'local', baseURL, apiKey: 'none' })('m');
const model = modelAt(server.url);
const question = { model, prompt: 'x', maxRetries: 0 };

for (const [situation, answer] of Object.entries(LLM_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.llm, () => generateText({ ...question, ...(answer === hang && { abortSignal: AbortSignal.timeout(30) }) }));
}
const nobody = modelAt(`http://127.0.0.1:${await unusedPort()}`);
report.refused = await trial(presets.llm, () => generateText({ ...question, model: nobody }));
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.llm, (abortSignal) => generateText({ ...question, abortSignal }));

// Its own retries wait two seconds, or as the server asks.
const retried = { ...question, maxRetries: 1 };
server.answer = json(429, failed('rate_limit_error'), { 'retry-after-ms': '1' });
report['given up by its own retries after a rate limit'] = await trial(presets.llm, () => generateText(retried));
server.answer = json(503, failed('api_error'), { 'retry-after-ms': '1' });
report['given up by its own retries after status 503'] = await trial(presets.llm, () => generateText(retried));
let isFirst = true;
server.answer = (request, response) => {
  (isFirst ? json(503, failed('api_error'), { 'retry-after-ms': '1' }) : json(400, failed('invalid_request_error')))(request, response);
  isFirst = !isFirst;
};
report['given up by its own retries after a wrong request'] = await trial(presets.llm, () => generateText(retried));

const chunk = `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' } }] })}`;
/** The whole text of a stream: an error is a part of it, which the reader throws. */
async function readAll(): Promise<string> {
  let text = '';
  for await (const part of streamText({ ...question, onError: () => undefined }).fullStream) {
    if (part.type === 'error') throw part.error;
    if (part.type === 'text-delta') text += part.text;
  }
  return text;
}
server.answer = cut(`${chunk}\n\n`, 'text/event-stream');
report['a stream that is lost'] = await trial(presets.llm, readAll);
server.answer = events(chunk, `data: ${JSON.stringify(failed('server_error'))}`);
report['a server error in the stream'] = await trial(presets.llm, readAll);
server.answer = json(529, failed('overloaded_error'));
report['an overload before the stream'] = await trial(presets.llm, readAll);
report['an overload before the stream, as its text tells'] = await trial(presets.llm, async () => streamText({ ...question, onError: () => undefined }).text);
report['a prompt that is none'] = await trial(presets.llm, () => generateText({ ...question, prompt: [] as never }));
const wrongAnswer = { id: '1', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'no JSON' }, finish_reason: 'stop' }] };
server.answer = json(200, wrongAnswer);
report['an answer that is not the object'] = await trial(presets.llm, async () => {
  const { output } = await generateText({ ...question, output: Output.object({ schema: jsonSchema<object>({ type: 'object' }) }) });
  return output;
});

server.close();
console.log(JSON.stringify(report));
