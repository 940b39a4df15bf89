import { ConfigurationError } from '../../lib';
import { type BaseEvent, Observers } from '../../lib/core/observers';

interface Ping extends BaseEvent {
  readonly n: number;
}
type Events = { ping: Ping; pong: Ping };

const ping = (n: number): Ping => ({ type: 'ping', operation: 'test', at: 0, n });

describe('Observers', () => {
  const create = () => {
    const emitter = new Observers<Events>({ ping: true, pong: false });
    const heard: string[] = [];
    const listener = (name: string) => ({ n }: Ping) => {
      heard.push(`${name}${n}`);
    };
    return { emitter, heard, listener };
  };

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('calls listeners in the order they came, with the event itself', () => {
    const { emitter, heard, listener } = create();
    const event = ping(1);
    emitter.on('ping', listener('a'));
    emitter.on('ping', listener('b'));
    emitter.on('ping', (given) => expect(given).toBe(event));

    emitter.emit('ping', event);

    expect(heard).toEqual(['a1', 'b1']);
  });

  it('calls no listener of another type', () => {
    const { emitter, heard, listener } = create();
    emitter.on('pong', listener('a'));

    emitter.emit('ping', ping(1));

    expect(heard).toEqual([]);
  });

  it('calls a listener that was added during an event from the next one on', () => {
    const { emitter, heard, listener } = create();
    const remove = emitter.on('ping', () => {
      remove();
      emitter.on('ping', listener('added'));
    });

    emitter.emit('ping', ping(1));
    emitter.emit('ping', ping(2));

    expect(heard).toEqual(['added2']);
  });

  it('calls a listener that was removed during an event for that one still', () => {
    const { emitter, heard, listener } = create();
    emitter.on('ping', () => removeLast());
    const removeLast = emitter.on('ping', listener('last'));

    emitter.emit('ping', ping(1));
    emitter.emit('ping', ping(2));

    expect(heard).toEqual(['last1']);
  });

  it('knows whether anybody listens', () => {
    const { emitter, listener } = create();
    expect([emitter.has('ping'), emitter.hot]).toEqual([false, false]);

    const removePong = emitter.on('pong', listener('a'));
    expect([emitter.has('pong'), emitter.hot]).toEqual([true, false]);
    const removePing = emitter.on('ping', listener('b'));
    expect([emitter.has('ping'), emitter.hot]).toEqual([true, true]);
    removePing();
    removePong();

    expect([emitter.has('ping'), emitter.has('pong'), emitter.hot]).toEqual([false, false, false]);
  });

  it('contains a throw, reports it once for the listener, and goes on', () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { emitter, heard, listener } = create();
    emitter.on('ping', () => {
      throw new Error('a bug');
    });
    emitter.on('ping', listener('b'));

    for (let n = 1; n <= 3; n++) emitter.emit('ping', ping(n));

    expect(heard).toEqual(['b1', 'b2', 'b3']);
    expect(warning).toHaveBeenCalledTimes(1);
    expect(warning).toHaveBeenCalledWith(expect.stringContaining("'ping' listener"), expect.objectContaining({ code: 'BREAKER_BOX_CALLBACK' }));
  });

  it('reports through the console where the process has no warnings', () => {
    const warning = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { emitter } = create();
    emitter.on('ping', () => {
      throw new Error('a bug');
    });

    const { emitWarning } = process;
    Object.assign(process, { emitWarning: undefined });
    emitter.emit('ping', ping(1));
    Object.assign(process, { emitWarning });

    expect(warning).toHaveBeenCalledWith(expect.stringContaining('BREAKER_BOX_CALLBACK'));
  });

  it('refuses an event that does not exist, with a suggestion, and a listener that is no function', () => {
    const { emitter, listener } = create();
    const on = (type: unknown, given: unknown) => () => emitter.on(type as 'ping', given as never);

    expect(on('pin', listener('a'))).toThrow(
      new ConfigurationError('on', [{ path: 'event', message: 'unknown event; did you mean ping?', received: 'pin' }]),
    );
    for (const type of ['transition', 'toString', '__proto__', undefined, null, 5, Symbol('toast')]) {
      expect(on(type, listener('a'))).toThrow('unknown event; the events are ping, pong');
    }
    for (const given of [undefined, null, {}, 'a']) expect(on('ping', given)).toThrow('listener: must be a function');
    expect(on('pin', undefined)).toThrow(expect.objectContaining({ issues: [expect.anything(), expect.anything()] }));
    expect(emitter.has('ping')).toBe(false);
  });
});
