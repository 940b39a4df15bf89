import { ask } from '../../lib/core/outcome';

describe('a predicate of the user’s', () => {
  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  beforeEach(() => warnings.mockClear());
  afterAll(() => warnings.mockRestore());

  it('that returns a promise is told so, once, and has not answered', async () => {
    const later = (() => Promise.reject(new Error('unheard'))) as unknown as () => boolean;
    expect([ask(later, 'enabled', undefined, false), ask(later, 'enabled', undefined, true)]).toEqual([false, true]);
    await Promise.resolve();
    expect(warnings.mock.calls.map(([message]) => message)).toEqual([`The predicate 'enabled' returned a promise; it must answer at once. Until it does, chaos is off`]);
  });

  it('that throws is told so, once, and has not answered', () => {
    const fails = (): boolean => {
      throw new Error('predicate');
    };
    expect([ask(fails, 'handle', 1, false), ask(fails, 'handle', 1, true)]).toEqual([false, true]);
    expect(warnings.mock.calls.map(([message]) => message)).toEqual([`The predicate 'handle' threw; its throw was contained`]);
  });
});
