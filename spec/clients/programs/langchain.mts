import { ChatOpenAI } from '@langchain/openai';
import { presets } from 'breaker-box/presets';
import { failed, LLM_SITUATIONS } from './support/llm-situations.mts';
import { cut, events, hang, serve, unusedPort } from './support/server.mts';
import { cancelledTrial, trial } from './support/trial.mts';

const server = await serve();
const report: Record<string, unknown> = {};
const modelAt = (baseURL: string, timeout = 5000) => new ChatOpenAI({ model: 'm', apiKey: 'none', maxRetries: 0, timeout, configuration: { baseURL } });
const model = modelAt(server.url);

for (const [situation, answer] of Object.entries(LLM_SITUATIONS)) {
  server.answer = answer;
  report[situation] = await trial(presets.llm, () => (answer === hang ? modelAt(server.url, 50) : model).invoke('x'));
}
const nobody = modelAt(`http://127.0.0.1:${await unusedPort()}`);
report.refused = await trial(presets.llm, () => nobody.invoke('x'));
server.answer = hang;
report['cancelled by the user'] = await cancelledTrial(presets.llm, (signal) => model.invoke('x', { signal }));
report['its call option timeout over'] = await trial(presets.llm, () => model.invoke('x', { timeout: 30 }));
report['AbortSignal.timeout() over'] = await trial(presets.llm, () => model.invoke('x', { signal: AbortSignal.timeout(30) }));

const chunk = `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' } }] })}`;
async function readAll(): Promise<string> {
  let text = '';
  for await (const part of await model.stream('x')) text += part.text;
  return text;
}
server.answer = cut(`${chunk}\n\n`, 'text/event-stream');
report['a stream that is lost'] = await trial(presets.llm, readAll);
server.answer = events(chunk, `data: ${JSON.stringify(failed('server_error'))}`);
report['a server error in the stream'] = await trial(presets.llm, readAll);

server.close();
console.log(JSON.stringify(report));
