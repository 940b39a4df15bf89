import { mayRepeat } from '../../lib/core/outcome';
import { collectWarnings } from '../registry/support/warnings';

describe('whether a call may be repeated', () => {
  it.each<[unknown, boolean]>([[undefined, true], [true, true], [false, false], [(method: string) => method === 'GET', true], [(method: string) => method === 'PUT', false]])(
    'is said by %p',
    (idempotent, isIt) => {
      expect(mayRepeat(idempotent as never, ['GET'])).toBe(isIt);
    },
  );

  it('is denied by a predicate that throws, which is reported', () => {
    const warnings = collectWarnings();
    const idempotent = (): never => {
      throw new Error('a bug');
    };
    expect(mayRepeat(idempotent, [])).toBe(false);
    expect(warnings.messages()).toEqual([expect.stringContaining("'idempotent' threw")]);
    warnings.stop();
  });
});
