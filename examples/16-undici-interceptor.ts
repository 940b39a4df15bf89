// An interceptor for undici: one breaker for each origin, whatever is sent through the dispatcher. It takes a permit when a request is
// dispatched, and settles it when the response is complete, or has failed.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Breaker, breakerOf, type BreakerOptions, CircuitOpenError, type Permit } from 'breaker-box';
import { Agent, fetch as undiciFetch, request, type Dispatcher } from 'undici';
import { files, json } from './support/content';
import { fault } from './support/fault';
import { FlakyServer } from './support/flaky-server';
import { untilProbe } from './support/until-probe';

/** Errors that say nothing of the origin: the caller has left, asked for what cannot be asked for, or closed the dispatcher. */
const CALLERS = ['UND_ERR_ABORTED', 'UND_ERR_INVALID_ARG', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED'];

/** Passes on what happens to a request, and settles its permit on the way. */
class SettlingHandler implements Dispatcher.DispatchHandler {
  constructor(private readonly handler: Dispatcher.DispatchHandler, private readonly permit: Permit) {}

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(controller: Dispatcher.DispatchController, ...rest: Rest<'onRequestUpgrade'>): void {
    this.permit.success();
    this.handler.onRequestUpgrade?.(controller, ...rest);
  }

  onResponseStart(controller: Dispatcher.DispatchController, ...rest: Rest<'onResponseStart'>): void {
    const [status] = rest;
    // A 4xx is an answer. The first to settle a permit wins: what happens to the body of a 503 does not matter any more.
    if (status >= 500) this.permit.failure(new Error(`status ${status}`));
    this.handler.onResponseStart?.(controller, ...rest);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.handler.onResponseData?.(controller, chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, ...rest: Rest<'onResponseEnd'>): void {
    this.permit.success();
    this.handler.onResponseEnd?.(controller, ...rest);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    // Only the caller aborts by the controller: undici's own time-outs do not. There is none when the request has not begun.
    const isAborted = (controller as Dispatcher.DispatchController | null)?.aborted === true;
    if (isAborted || CALLERS.includes((error as { code?: string }).code ?? '')) this.permit.ignore();
    else this.permit.failure(error);
    this.handler.onResponseError?.(controller, error);
  }
}

type Rest<Event extends keyof Dispatcher.DispatchHandler> =
  NonNullable<Dispatcher.DispatchHandler[Event]> extends (first: never, ...rest: infer R) => unknown ? R : never;

const breakerFor = (origin: string | URL | undefined, options: BreakerOptions): Breaker =>
  breakerOf(`undici ${origin === undefined ? '' : new URL(origin).origin}`, options);

/** One breaker for each origin, in the default registry: `undici https://api.example`. */
function breakerPerOrigin(options: BreakerOptions = {}): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (request, handler) => {
    const breaker = breakerFor(request.origin, options);
    let permit: Permit;
    try {
      permit = breaker.acquire();
    } catch (error) {
      // Not by a throw: whoever composes interceptors, and streams, waits for this.
      handler.onResponseError?.(NOT_BEGUN, error as CircuitOpenError);
      return true;
    }
    return dispatch(request, new SettlingHandler(handler, permit));
  };
}

/** What undici gives where a request has not begun. */
const NOT_BEGUN = null as never;

const options: BreakerOptions = { failureThreshold: 3, recoveryTimeout: '500ms' };

async function main(): Promise<void> {
  await using prices = await FlakyServer.start({ '/prices/': json((id) => ({ id, price: 42 })), '/lists/': files(300_000) });
  await using stock = await FlakyServer.start({ '/stock/': json((id) => ({ id, left: 7 })) });
  const agent = new Agent({ headersTimeout: 100 });
  const dispatcher = agent.compose(breakerPerOrigin(options));
  const breakerOf = (server: FlakyServer): Breaker => breakerFor(server.origin, options);

  async function ask(url: string, signal?: AbortSignal): Promise<string> {
    try {
      const { statusCode, body } = await request(url, { dispatcher, signal: signal ?? null });
      await body.bytes();
      return `status ${statusCode}`;
    } catch (error) {
      if (error instanceof CircuitOpenError) return 'not asked';
      const { name, code } = error as { name: string; code?: unknown };
      return typeof code === 'string' ? code : name;
    }
  }

  try {
    console.log('The price service fails; the stock service is well.');
    prices.route('/prices/').misbehave(fault.status(503));
    const outcomes: string[] = [];
    for (const id of ['a', 'b', 'c', 'd']) {
      const [price, left] = [await ask(prices.url(`/prices/${id}`)), await ask(stock.url(`/stock/${id}`))];
      console.log(`  ${id}: price ${price}; stock ${left}`);
      outcomes.push(price);
      assert.equal(left, 'status 200');
    }
    assert.deepEqual(outcomes, ['status 503', 'status 503', 'status 503', 'not asked']);
    assert.equal(prices.hits, 3);
    assert.deepEqual([breakerOf(prices).state, breakerOf(stock).state], ['open', 'closed']);

    console.log('undici\'s fetch goes the same way.');
    const rejection: unknown = await undiciFetch(prices.url('/prices/e'), { dispatcher }).catch((error: unknown) => error);
    assert((rejection as Error).cause instanceof CircuitOpenError);
    assert.equal(prices.hits, 3);

    console.log('The price service recovers, and the next request after its pause finds out.');
    prices.route('/prices/').recover();
    await untilProbe(breakerOf(prices));
    assert.equal(await ask(prices.url('/prices/a')), 'status 200');
    assert.equal(breakerOf(prices).state, 'closed');

    console.log('The caller can leave at any time, also while the body comes, and then it is nobody\'s failure.');
    stock.route('/stock/').misbehave(fault.hang());
    const controller = new AbortController();
    const leaving = ask(stock.url('/stock/a'), controller.signal);
    const before = stock.hits;
    while (stock.hits === before) await sleep(5);
    controller.abort();
    assert.equal(await leaving, 'AbortError');
    assert.equal(await ask(stock.url('/stock/a'), AbortSignal.abort()), 'AbortError');
    const { body } = await request(prices.url('/lists/all'), { dispatcher });
    body.on('error', () => undefined).destroy();
    assert.deepEqual([breakerOf(stock).stats.failures, breakerOf(stock).stats.ignored], [0, 2]);
    await settled(breakerOf(prices));
    assert.deepEqual([breakerOf(prices).stats.failures, breakerOf(prices).stats.ignored], [3, 1]);

    console.log('An origin that says nothing, hangs up, or cuts its body fails.');
    const troubles = [await ask(stock.url('/stock/a'))];
    stock.route('/stock/').misbehave(fault.drop());
    troubles.push(await ask(stock.url('/stock/a')));
    prices.route('/lists/').misbehave(fault.cut(100_000));
    troubles.push(await ask(prices.url('/lists/all')));
    console.log(`  ${troubles.join(', ')}`);
    assert.deepEqual(troubles, ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_SOCKET', 'UND_ERR_SOCKET']);
    assert.deepEqual([breakerOf(stock).failureCount, breakerOf(prices).failureCount], [2, 1]);
  } finally {
    await agent.destroy();
  }
}

/** Waits until all requests that were dispatched have ended. */
async function settled(breaker: Breaker): Promise<void> {
  while (breaker.stats.ignored === 0) await sleep(5);
}

void main();
