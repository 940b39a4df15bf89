import { getEventListeners } from 'node:events';
import { CancellationSource, SignalCancellation } from '../../lib/core/cancellation';

describe('those who are told of an abort', () => {
  it('are told once each, but for those who have left, and share one listener', () => {
    const controller = new AbortController();
    const cancellation = SignalCancellation.of(controller.signal);
    const told: string[] = [];
    const leave = ['a', 'b', 'c'].map((name) => cancellation.subscribe(() => told.push(name)));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    leave[0]!();
    leave[0]!();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);

    controller.abort();

    expect(told).toEqual(['b', 'c']);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leave no listener when the last has left, and can come again', () => {
    const controller = new AbortController();
    const cancellation = SignalCancellation.of(controller.signal);
    cancellation.subscribe(() => undefined)();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    const told = jest.fn();
    cancellation.subscribe(told);
    controller.abort();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('of one source that follows another learn of its abort, with its reason', () => {
    const outer = new CancellationSource();
    const inner = new CancellationSource(outer);
    const told = jest.fn();
    inner.subscribe(told);
    const reason = new Error('left');
    outer.abort(reason);
    expect(told).toHaveBeenCalledTimes(1);
    expect([inner.aborted, inner.reason, inner.signal.reason]).toEqual([true, reason, reason]);
  });
});
