import { ask } from '../../lib/core/outcome';
import { warn, warnOnce, reportThrow } from '../../lib/core/warn';
import { collectWarnings } from '../registry/support/warnings';
import { withProcess } from '../support/with-process';

describe('a warning', () => {
  it('goes to the console, with its code, where there is no process', () => {
    const log = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const process of [undefined, {}, { emitWarning: 'no function' }]) withProcess(process, () => { warn('CODE', 'it is so'); });
    expect(log.mock.calls).toEqual([['[CODE] it is so'], ['[CODE] it is so'], ['[CODE] it is so']]);
    log.mockRestore();
  });

  it('never throws, whatever a program has put in the place of what tells', () => {
    const log = jest.spyOn(console, 'warn').mockImplementation(() => { throw new Error('no terminal'); });
    const process = { emitWarning: () => { throw new Error('mine'); } };
    for (const stand of [process, undefined]) {
      withProcess(stand, () => { expect(() => { warn('CODE', 'it is so'); }).not.toThrow(); });
    }
    expect(log).toHaveBeenCalledTimes(1);
    log.mockRestore();
    const { console: own } = globalThis;
    try {
      for (const console of [undefined, {}]) {
        globalThis.console = console as never;
        withProcess(undefined, () => { warn('CODE', 'it is so'); });
      }
    } finally {
      globalThis.console = own;
    }
  });

  it('is given once for each site and code', () => {
    const warnings = collectWarnings();
    const [one, other] = [{}, {}];
    for (const [site, code] of [[one, 'A'], [one, 'A'], [one, 'B'], [other, 'A'], [other, 'A'], [one, 'B']] as const) warnOnce(site, code, 'it is so');
    expect(warnings.codes()).toEqual(['A', 'B', 'A']);
    warnings.stop();
  });
});

describe('what is told of a user’s function', () => {
  const warnings = (act: () => void): unknown[] => {
    const told: unknown[] = [];
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation((text, about) => { told.push([text, about]); });
    act();
    emit.mockRestore();
    return told;
  };

  it('that throws: where, with its stack or what there is', () => {
    const error = new Error('mine');
    expect(warnings(() => {
      reportThrow(() => 1, 'The listener', error);
      reportThrow(() => 2, 'The listener', 'a text');
      reportThrow(() => 3, 'The listener', { stack: 5 });
      reportThrow(() => 4, 'The listener', 'x'.repeat(50_000));
    })).toEqual([error.stack, 'a text', '[object Object]', `${'x'.repeat(9997)}...`].map((detail) => [
      'The listener threw; its throw was contained', { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail },
    ]));
  });

  it('that answers a question with a promise: once', () => {
    const later = (() => Promise.reject(new Error('ignored'))) as never;
    const told = warnings(() => {
      expect([ask(later, 'handle', 1, true), ask(later, 'handle', 1, false)]).toEqual([true, false]);
    });
    expect(told).toEqual([["The predicate 'handle' returned a promise; it must answer at once. Until it does, every error is handled", { type: 'BreakerBoxWarning', code: 'BREAKER_BOX_CALLBACK', detail: undefined }]]);
  });
});
