// `presets.llm()` around a generator that streams a model's answer as server-sent events. Rate limits are waited out as their
// headers ask, overloads are tried again, and a stream that breaks before its first word begins anew. Once a word was
// given away, an error is the reader's: beginning again would say everything twice.

import assert from 'node:assert/strict';
import { currentCall, withPolicies } from 'breaker-box';
import { presets } from 'breaker-box/presets';
import { SseModel, turn } from './support/sse-model';

/** An error of the provider, with its status, its headers and its body, as the providers' own clients make it. */
class ModelError extends Error {
  constructor(readonly error: unknown, readonly status?: number, readonly headers?: Headers) {
    super(`the model answers ${status ?? 'in its stream'}: ${JSON.stringify(error)}`);
  }
}

interface StreamEvent {
  readonly type: string;
  readonly delta?: { readonly text: string };
  readonly error?: unknown;
}

async function* ask(url: string, prompt: string): AsyncGenerator<string, void, undefined> {
  const signal = currentCall()?.signal ?? null;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ prompt, stream: true }), signal });
  if (!response.ok || !response.body) throw new ModelError(await response.json(), response.status, response.headers);
  for await (const { type, delta, error } of eventsOf(response.body)) {
    if (type === 'error') throw new ModelError(error);
    if (delta) yield delta.text;
  }
}

async function* eventsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) yield JSON.parse(event.slice(event.indexOf('data: ') + 6)) as StreamEvent;
  }
}

const protectedAsk = withPolicies(ask, {
  name: 'model.ask',
  ...presets.llm({ retry: { baseDelay: '20ms', onRetry: ({ attempt, error }) => console.log(`  attempt ${attempt}: ${String(error)}`) } }),
});

async function main(): Promise<void> {
  await using model = await SseModel.start();

  console.log('A rate limit, an overload, and a stream that breaks before its first word; then an answer.');
  model.play(
    turn.refuse(429, { 'retry-after-ms': '300' }, 'rate_limit_error'),
    turn.refuse(529, {}, 'overloaded_error'),
    turn.breakEarly(),
    turn.speak(['Every ', 'circuit ', 'has ', 'its ', 'own ', 'breaker.']),
  );
  const startedAt = performance.now();
  let answer = '';
  for await (const word of protectedAsk(model.url, 'Why a breaker box?')) answer += word;
  console.log(`  "${answer}" after ${model.requests} requests`);
  assert.equal(answer, 'Every circuit has its own breaker.');
  assert.equal(model.requests, 4);
  // A few ms for two clocks' rounding.
  assert(performance.now() - startedAt >= 300 - 5);

  console.log('An overload after the first words is the reader\'s: nothing is said twice.');
  model.play(turn.speak(['Half ', 'an '], 'overloaded'));
  const words: string[] = [];
  await assert.rejects(async () => {
    for await (const word of protectedAsk(model.url, 'And then?')) words.push(word);
  }, ModelError);
  console.log(`  "${words.join('')}" and then an error, after ${model.requests} request`);
  assert.deepEqual(words, ['Half ', 'an ']);
  assert.equal(model.requests, 1);

  console.log('A quota that is used up does not come back by asking again.');
  model.play(turn.refuse(429, {}, 'insufficient_quota'));
  await assert.rejects(protectedAsk(model.url, 'More?').next(), ModelError);
  assert.equal(model.requests, 1);

  const stats = protectedAsk.breaker?.stats;
  console.log(`The circuit is ${protectedAsk.breaker?.state}: ${stats?.successes} answers, ${stats?.failures} failures.`);
  // Rate limit and quota are answers; the overloads and the broken stream are failures.
  assert.equal(stats?.failures, 3);
}

void main();
