import { warn, warnOnce } from '../../lib/core/warn';
import { collectWarnings } from '../registry/support/warnings';
import { withProcess } from '../support/with-process';

describe('a warning', () => {
  it('goes to the console, with its code, where there is no process', () => {
    const log = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    for (const process of [undefined, {}, { emitWarning: 'no function' }]) withProcess(process, () => { warn('CODE', 'it is so'); });
    expect(log.mock.calls).toEqual([['[CODE] it is so'], ['[CODE] it is so'], ['[CODE] it is so']]);
    log.mockRestore();
  });

  it('is given once for each site and code', () => {
    const warnings = collectWarnings();
    const [one, other] = [{}, {}];
    for (const [site, code] of [[one, 'A'], [one, 'A'], [one, 'B'], [other, 'A'], [other, 'A'], [one, 'B']] as const) warnOnce(site, code, 'it is so');
    expect(warnings.codes()).toEqual(['A', 'B', 'A']);
    warnings.stop();
  });
});
