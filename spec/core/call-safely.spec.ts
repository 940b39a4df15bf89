import { callSafely, ignoreRejection, isThenable } from '../../lib/core/call-safely';
import { collectWarnings } from '../registry/support/warnings';

describe('what can be awaited', () => {
  it.each<[string, unknown, boolean]>([
    ['a promise', Promise.resolve(), true],
    ['an object with then', { then: () => undefined }, true],
    ['a function with then', Object.assign(() => undefined, { then: () => undefined }), true],
    ['an object whose then is none', { then: 'later' }, false],
    ['null', null, false], ['nothing', undefined, false], ['a text', 'then', false],
  ])('%s', (_what, value, isIt) => {
    expect(isThenable(value)).toBe(isIt);
  });
});

describe('a callback', () => {
  it('is reported once when it throws, or rejects later, with its role and what it threw', async () => {
    const warnings = collectWarnings();
    const spy = process.emitWarning as unknown as jest.Mock;
    const throws = (): void => { throw new Error('a bug'); };
    const rejects = async (): Promise<void> => { throw 'late'; };  
    for (let n = 0; n < 2; n++) {
      void callSafely('onRetry', throws);
      void callSafely('onLog', rejects);
      await Promise.resolve();
    }
    expect(spy.mock.calls).toEqual([
      ['onRetry threw; its throw was contained', { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail: expect.stringContaining('Error: a bug') as string }],
      ['onLog threw; its throw was contained', { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail: 'late' }],
    ]);
    warnings.stop();
  });

  it('gets its arguments', () => {
    const fn = jest.fn();
    void callSafely('on', fn, 1, 'b');
    expect(fn.mock.calls).toEqual([[1, 'b']]);
  });

  it('that had to answer at once leaves no rejection that nobody handles', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    ignoreRejection(Promise.reject(new Error('nobody’s')));
    ignoreRejection(7);
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
