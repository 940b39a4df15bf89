import { getEventListeners } from 'node:events';
import { Breaker, BreakerRegistry, withRetry } from '../../lib';
import { fetchWith } from '../../lib/fetch';
import { CancellationSource, SignalCancellation } from '../../lib/core/cancellation';
import { TimerClock } from '../support/timer-clock';

/** As a polyfill has it: no reason, and no `throwIfAborted`. */
class PolyfilledSignal extends EventTarget {
  aborted = false;

  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event('abort'));
  }
}

describe('rule 42: the signal of a polyfill', () => {
  it('is followed, and its missing reason is an AbortError, the same for all', () => {
    const polyfilled = new PolyfilledSignal();
    const signal = polyfilled as never as AbortSignal;
    const source = new CancellationSource(SignalCancellation.of(signal));
    expect(SignalCancellation.of(signal).reason).toBeUndefined();
    polyfilled.abort();
    const { reason } = SignalCancellation.of(signal);
    expect(reason).toMatchObject({ name: 'AbortError', message: 'This operation was aborted' });
    expect([source.aborted, source.reason, source.signal.reason]).toEqual([true, reason, reason]);
    expect(SignalCancellation.of(signal).reason).toBe(reason);
  });

  it('ends waits and calls of the policies that take one', async () => {
    const polyfilled = new PolyfilledSignal();
    const signal = polyfilled as never as AbortSignal;
    const clock = new TimerClock();
    const registry = new BreakerRegistry({ clock });
    const call = withRetry(async () => { throw new Error('down'); }, { registry, signal });
    const given = call().catch((error: unknown) => error);
    await clock.advance(1);
    polyfilled.abort();
    expect(await given).toMatchObject({ name: 'AbortError' });
    expect(clock.armed).toBe(0);
    expect(await new Breaker({ clock }).execute(async () => 'it', { signal }).catch((error: unknown) => error)).toMatchObject({ name: 'AbortError' });
    const fetch = jest.fn();
    expect(await fetchWith({ timeout: 5, registry }, { fetch })('http://localhost/', { signal }).catch((error: unknown) => error)).toMatchObject({ name: 'AbortError' });
    expect(fetch).not.toHaveBeenCalled();
  });
});

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
