import { getEventListeners } from 'node:events';
import { CancellationSource, SignalCancellation } from '../../lib/core/cancellation';

describe('CancellationSource', () => {
  it('is aborted once: the first reason stays, and subscribers are told once', () => {
    const source = new CancellationSource();
    const told = jest.fn();
    source.subscribe(told);
    expect(source).toMatchObject({ aborted: false, reason: undefined });

    source.abort('first');
    source.abort('second');

    expect(source).toMatchObject({ aborted: true, reason: 'first' });
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('shows subscribers that it is aborted, and tells none that has unsubscribed', () => {
    const source = new CancellationSource();
    const seen: boolean[] = [];
    const gone = jest.fn();
    source.subscribe(() => seen.push(source.aborted));
    source.subscribe(gone)();

    source.abort('now');

    expect(seen).toEqual([true]);
    expect(gone).not.toHaveBeenCalled();
  });

  it.each(['asked before the abort', 'asked after it'])('is a standard signal, %s', (when) => {
    const source = new CancellationSource();
    const reason = new Error('now');
    const early = when === 'asked before the abort' ? source.signal : undefined;
    const heard = jest.fn();
    early?.addEventListener('abort', heard);

    source.abort(reason);
    const { signal } = source;

    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(reason);
    expect(source.signal).toBe(early ?? signal);
    expect(heard).toHaveBeenCalledTimes(early === undefined ? 0 : 1);
  });

  it('follows others, with their reason', () => {
    const controller = new AbortController();
    const source = new CancellationSource(undefined, new CancellationSource(), SignalCancellation.of(controller.signal));

    controller.abort('theirs');

    expect(source).toMatchObject({ aborted: true, reason: 'theirs' });
  });

  it('is aborted from the start when it follows one that was', () => {
    const { signal } = new AbortController();
    const source = new CancellationSource(SignalCancellation.of(signal), SignalCancellation.of(AbortSignal.abort('before')));

    expect(source).toMatchObject({ aborted: true, reason: 'before' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not go on to follow others after one that was aborted', () => {
    const { signal } = new AbortController();
    const source = new CancellationSource(SignalCancellation.of(AbortSignal.abort('before')), SignalCancellation.of(signal));

    expect(source).toMatchObject({ aborted: true, reason: 'before' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it.each(['release', 'abort'] as const)('leaves no listener on what it followed after %s', (end) => {
    const { signal } = new AbortController();
    const source = new CancellationSource(SignalCancellation.of(signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    source[end]('done');

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not abort what it follows', () => {
    const outer = new CancellationSource();

    new CancellationSource(outer).abort('inner');

    expect(outer.aborted).toBe(false);
  });
});
