import { Socket } from 'node:net';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { dispose } from '../../lib/core/dispose';
import { reactions } from '../support/timer-clock';

const isAtEnd = async (body: ReadableStream | null): Promise<boolean> => (await body!.getReader().read()).done;
const throwing = (): never => { throw new Error('no'); };
const streamOfWeb = () => new ReadableStream({ pull: (controller) => { controller.enqueue('x'); } });
const readable = () => new Readable({ read: () => undefined });

let unhandled: unknown[];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterEach(async () => {
  await reactions();
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

describe('rule 47: the body of an answer that nobody reads', () => {
  it('is cancelled: of a Response, and of an object that has a stream of the web', async () => {
    const response = new Response('body');
    const other = { status: 503, body: streamOfWeb() };
    for (const answer of [response, other]) dispose(answer);
    expect([await isAtEnd(response.body), await isAtEnd(other.body)]).toEqual([true, true]);
  });

  it('is destroyed: of an answer of Node, and of axios', () => {
    const [message, inflated, data] = [readable(), new PassThrough(), readable()];
    dispose(Object.assign(message, { statusCode: 503 }));
    dispose({ status: 503, data });
    dispose({ status: 503, data: inflated });
    expect([message.destroyed, data.destroyed, inflated.destroyed]).toEqual([true, true, true]);
  });

  it.each<[string, (connection: Duplex) => unknown]>([
    ['itself', (connection) => connection],
    ['in a field', (connection) => ({ data: connection, body: connection })],
    ['with a status of its own', (connection) => Object.assign(connection, { status: 1 })],
    ['beside a status', (connection) => ({ status: 1, data: connection })],
  ])('is no connection, be it given %s', (_how, given) => {
    const connections = [new Socket(), new Duplex({ read: () => undefined, write: () => undefined })];
    for (const connection of connections) dispose(given(connection));
    expect(connections.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });

  it('is no stream without a status, which others may read', async () => {
    const [webs, nodes] = [streamOfWeb(), readable()];
    for (const given of [webs, nodes, { body: webs }, { data: nodes }]) dispose(given);
    expect([(await webs.getReader().read()).done, nodes.destroyed]).toEqual([false, false]);
  });

  it('is drained where undici can do that', () => {
    const dump = jest.fn(async () => { throw new Error('reset'); });
    const body = Object.assign(new PassThrough(), { dump });
    dispose({ statusCode: 503, body });
    expect([dump.mock.calls.length, body.destroyed]).toEqual([1, false]);
  });

  it('ends no process by an error that comes after', async () => {
    const body = new Readable({ read: () => undefined, destroy: (_error, done) => { done(new Error('reset')); } });
    dispose({ status: 503, body });
    await reactions();
    expect(body.destroyed).toBe(true);
  });

  it('is left to those who read it', async () => {
    const response = new Response('body');
    const reader = response.body!.getReader();
    const stream = readable();
    stream.resume();
    dispose(response);
    dispose({ status: 503, body: stream });
    expect([(await reader.read()).done, stream.destroyed]).toEqual([false, false]);
  });

  it('is given up once: nothing happens the second time', async () => {
    const response = new Response('body');
    dispose(response);
    dispose(response);
    expect(await isAtEnd(response.body)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'body'],
    ['a status', { status: 503 }],
    ['a Response without a body', new Response(null)],
    ['data', { status: 503, data: { destroy: throwing } }],
    ['a body that throws', { status: 503, get body() { return throwing(); } }],
    ['a body that cannot be cancelled', { status: 503, body: { getReader: () => undefined, cancel: throwing } }],
    ['a body whose end fails', { status: 503, body: { getReader: () => undefined, cancel: async () => { throw new Error('no'); } } }],
    ['a body whose end is hostile', { status: 503, body: { getReader: () => undefined, cancel: () => ({ get then() { return throwing(); } }) } }],
    ['a status that throws', { get status() { return throwing(); }, body: { getReader: () => undefined, cancel: throwing } }],
    ['a revoked proxy', (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()],
  ])('%s has none, or keeps its trouble to itself', (_what, answer) => {
    expect(() => dispose(answer)).not.toThrow();
  });
});
