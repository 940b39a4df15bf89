import { Call, newCallRecord } from '../../lib/core/call';
import { keyed, emitPolicyEvent } from '../../lib/core/observers';

const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined, wallTime: () => 5 };

describe('what a policy tells', () => {
  const told = (isHeard: boolean, call: Call, key?: string) => {
    const emit = jest.fn();
    emitPolicyEvent({ has: () => isHeard, emit }, 'retry', clock, call, { delay: 7 } as never, key);
    return emit.mock.calls as unknown[][];
  };

  it('is of its call and attempt, with the time; and of the key, where there is one', () => {
    const watch = newCallRecord();
    expect(told(true, new Call('op', undefined, undefined, 2))).toEqual([['retry', { type: 'retry', at: 5, operation: 'op', attempt: 2, delay: 7 }]]);
    expect(told(true, new Call('op', watch, undefined), 'eu')).toEqual([['retry', { type: 'retry', at: 5, operation: 'op', callId: watch.id, attempt: 1, delay: 7, key: 'eu' }]]);
    expect(Object.keys(told(true, new Call('op', undefined, undefined))[0]![1] as object)).toEqual(['type', 'at', 'operation', 'attempt', 'delay']);
  });

  it('is not made while nobody listens', () => {
    expect(told(false, new Call('op', undefined, undefined))).toEqual([]);
  });

  it('names a key, an empty one too, and none where there is none', () => {
    expect([keyed('eu'), keyed(''), keyed(undefined)]).toEqual([{ key: 'eu' }, { key: '' }, {}]);
  });
});
