import Anthropic from '@anthropic-ai/sdk';
import { BreakerRegistry, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import OpenAI from 'openai';
import { failed } from './support/llm-situations.mts';
import { type Answer, cut, events, json, serve } from './support/server.mts';

const server = await serve();
const options = { apiKey: 'none', maxRetries: 0, baseURL: server.url };
const messages = [{ role: 'user' as const, content: 'x' }];

const openai = new OpenAI(options);
async function* textOfOpenAI(): AsyncGenerator<string> {
  for await (const { choices } of await openai.chat.completions.create({ model: 'm', messages, stream: true })) yield choices[0]?.delta.content ?? '';
}
const anthropic = new Anthropic(options);
async function* textOfAnthropic(): AsyncGenerator<string> {
  for await (const event of await anthropic.messages.create({ model: 'm', max_tokens: 5, messages, stream: true })) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
  }
}

/** Reads a stream through a pipeline, from a server that goes through some answers and repeats the last. */
async function read(ask: () => AsyncGenerator<string>, ...answers: Answer[]): Promise<object> {
  let runs = 0;
  server.answer = (request, response) => {
    runs++;
    (answers.length > 1 ? answers.shift()! : answers[0]!)(request, response);
  };
  const policies = presets.llm({ retry: { maxAttempts: 3, baseDelay: 1 } });
  const call = withPolicies(ask, { ...policies, name: 'ask', registry: new BreakerRegistry(), stream: true });
  const items: string[] = [];
  let isWhole = true;
  try {
    for await (const item of call()) items.push(item);
  } catch {
    isWhole = false;
  }
  const { successes, failures } = call.breaker!.stats;
  return { runs, items, isWhole, successes, failures };
}

const overloaded = json(529, failed('overloaded_error'));
const chunk = `data: ${JSON.stringify({ id: '1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hello' } }] })}`;
const delta = `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } })}`;
const end = `event: message_stop\ndata: ${JSON.stringify({ type: 'message_stop' })}`;
const overloadEvent = `event: error\ndata: ${JSON.stringify(failed('overloaded_error'))}`;

const report = {
  openai: {
    'overloads before the first item': await read(textOfOpenAI, overloaded, overloaded, events(chunk, 'data: [DONE]')),
    'lost after the first item': await read(textOfOpenAI, cut(`${chunk}\n\n`, 'text/event-stream')),
    'an error after the first item': await read(textOfOpenAI, events(chunk, `data: ${JSON.stringify(failed('server_error'))}`)),
  },
  anthropic: {
    'overloads before the first item': await read(textOfAnthropic, overloaded, events(overloadEvent), events(delta, end)),
    'lost after the first item': await read(textOfAnthropic, cut(`${delta}\n\n`, 'text/event-stream')),
    'an error after the first item': await read(textOfAnthropic, events(delta, overloadEvent)),
  },
};

server.close();
console.log(JSON.stringify(report));
