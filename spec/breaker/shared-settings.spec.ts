import { breakerSettings } from '../../lib/breaker/options';

/** What a breaker reads of its options is resolved once for all that have none: an idle one costs little memory. */
describe('the settings of breakers without options', () => {
  const defaults = breakerSettings([], 'a');

  it.each([[[]], [[undefined]], [[{}]], [[undefined, {}, undefined]]])('are one object for all: %j', (levels) => {
    expect(breakerSettings(levels, 'b')).toBe(defaults);
  });

  it('are made of no level, and of what is said by others', () => {
    expect(defaults.levels).toEqual([]);
    const { options } = breakerSettings([undefined, { failureThreshold: 2 }, {}, { failureThreshold: undefined, recoveryTimeout: 7 }], 'c');
    expect(options).toMatchObject({ failureThreshold: 2, recoveryTimeout: 7 });
  });
});
