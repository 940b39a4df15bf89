import { type BaseEvent, Observers } from '../../lib/core/observers';

type Events = { ping: BaseEvent };
const event: BaseEvent = { type: 'ping', operation: 'op', at: 0 };

describe('a listener that is removed', () => {
  it('leaves the others, and one that was added twice stays once', () => {
    const emitter = new Observers<Events>({ ping: true });
    const heard: string[] = [];
    const listener = (name: string) => () => heard.push(name);
    const twice = listener('twice');
    const removers = [emitter.on('ping', listener('a')), emitter.on('ping', twice), emitter.on('ping', twice)];
    removers[1]!();
    emitter.emit('ping', event);
    expect(heard.splice(0)).toEqual(['a', 'twice']);
    expect([emitter.has('ping'), emitter.hot]).toEqual([true, true]);
    removers[0]!();
    removers[0]!(); // again: it is gone already
    emitter.emit('ping', event);
    expect(heard.splice(0)).toEqual(['twice']);
    removers[2]!();
    removers[2]!();
    emitter.emit('ping', event);
    expect([heard, emitter.has('ping'), emitter.hot]).toEqual([[], false, false]);
  });
});
