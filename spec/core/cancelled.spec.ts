import { isCancelled, isTimeoutByAbort } from '../../lib/core/cancelled';
import { CANCELLATIONS, connectError, rpcError, TIMEOUTS_BY_ABORT } from '../support/cancellations';

const error = (fields: object): Error => Object.assign(new Error('x'), fields);
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const cyclic = (): Error => {
  const one = error({ name: 'AbortError' });
  return Object.assign(one, { cause: error({ name: 'AbortError', cause: one }) });
};

describe('rule 40: an error says that somebody cancelled', () => {
  it.each(CANCELLATIONS)('in the words of %s', (_client, make) => {
    const cancelled = make();
    expect([isCancelled(cancelled), isTimeoutByAbort(cancelled)]).toEqual([true, false]);
  });

  it.each(['AbortError', 'CanceledError', 'CancelledError', 'CancelError', 'APIUserAbortError'])('by the name %s alone, or by that of its class', (name) => {
    const ofClass = new ({ [name]: class extends Error {} }[name] as new (message: string) => Error)('x');
    expect([isCancelled(error({ name })), isCancelled(ofClass)]).toEqual([true, true]);
  });

  it.each(['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED'])('by the code %s alone', (code) => {
    expect(isCancelled(error({ code }))).toBe(true);
  });

  it('by its name, whatever else of it throws when it is read', () => {
    const throws = { get: () => { throw new Error('no'); } };
    const hostile = Object.defineProperties(error({ name: 'AbortError' }), { code: throws, message: throws, constructor: throws });
    const plain = Object.defineProperties(error({}), { code: throws, constructor: throws });
    expect([isCancelled(hostile), isCancelled(plain)]).toEqual([true, false]);
  });

  it.each<[string, unknown]>([
    ['an ordinary error', new Error('down')],
    ['an error that quotes what Redis lost', error({ name: 'AbortErrors', message: 'Command aborted due to connection close' })],
    ['the name alone', 'AbortError'],
    ['null', null],
    ['nothing', undefined],
    ['a time-out', new DOMException('late', 'TimeoutError')],
    ['the exit code of a child process', error({ code: 1, cmd: 'false' })],
    ['status 1 that the server of gRPC answered', rpcError('The backend gave up')],
    ['status 1 of nobody known', error({ code: 1, details: 'x' })],
    ['code 20 of MongoDB', error({ name: 'MongoServerError', code: 20 })],
    ['status 1 that the server of Connect answered', connectError('shutting down', { metadata: new Headers({ 'content-type': 'application/json' }) })],
    ['a session that Connect lost', connectError('http/2 stream closed with error code CANCEL (0x8)')],
    ['another status of Connect', error({ name: 'ConnectError', code: 4 })],
    ['an error around an abort', error({ cause: new DOMException('stopped', 'AbortError') })],
    ['a connection that ioredis lost', Object.assign(new Error('Command aborted due to connection close'), { name: 'AbortError', command: { name: 'set' } })],
    ['a connection that node-redis 3 lost', Object.assign(new Error('Redis connection lost and command aborted. It might have been processed.'), { name: 'AbortError', code: 'UNCERTAIN_STATE' })],
    ['what cannot be read', revoked()],
  ])('not by %s', (_what, other) => {
    expect([isCancelled(other), isTimeoutByAbort(other)]).toEqual([false, false]);
  });

  it('also where its causes go round in a circle', () => {
    expect(isCancelled(cyclic())).toBe(true);
  });

  it('also where what it holds besides cannot be read', () => {
    const hostile = Object.defineProperties(error({ name: 'AbortError', reason: revoked(), config: revoked() }), {
      cause: { get: () => { throw new Error('no'); } },
      code: { get: () => { throw new Error('no'); } },
    });
    expect(isCancelled(hostile)).toBe(true);
  });
});

describe('rule 41: an abort is a time-out', () => {
  it.each(TIMEOUTS_BY_ABORT)('where the time-out is %s', (_where, make) => {
    const late = make();
    expect([isCancelled(late), isTimeoutByAbort(late)]).toEqual([false, true]);
  });

  it('but not where the caller’s reason has some time-out behind it', () => {
    const reason = error({ cause: new DOMException('late', 'TimeoutError') });
    expect(isCancelled(error({ name: 'AbortError', cause: reason }))).toBe(true);
  });
});
