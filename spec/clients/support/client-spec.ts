import { fixturesOf, isWriting, writeFixtures, type Fixtures } from './fixtures';
import { reportOf } from './program';
import { CLIENTS, rightWhenPlain, WITH_PRESET, type Verdict } from './right-values';

/** Rules 40, 41, 45, 46 and 48, by a real client: its program reports how calls went, and this compares it with the right values. */
export function specOf(client: string): void {
  const { preset, situations } = CLIENTS[client]!;

  describe(`presets.${preset} with ${client}`, () => {
    let report: Record<string, any>;

    beforeAll(async () => {
      report = await reportOf(`${client}.mts`);
      if (isWriting) writeFixtures(client, errorsOf(report));
    });

    it('is tried in every situation that has a right value, and in no other', () => {
      expect(Object.keys(report).sort()).toEqual(Object.keys(situations).sort());
    });

    it('throws the errors that the fixtures have, which specs without the client go by', () => {
      expect(errorsOf(report)).toEqual(fixturesOf(client));
    });

    describe.each(Object.entries(situations))('%s', (situation, expected) => {
      const [verdict, askedMs] = typeof expected === 'string' ? [expected] : (expected as [Verdict, number]);

      it(`is ${verdict}`, () => {
        const { preset: withPreset, plain } = report[situation];
        expect({ withPreset, plain }).toEqual({
          withPreset: { ...WITH_PRESET[verdict], waits: expect.any(Array) },
          plain: { ...rightWhenPlain(verdict), waits: expect.any(Array) },
        });
      });

      if (askedMs !== undefined) {
        it(`is waited out: ${askedMs} ms`, () => {
          const { preset: withPreset, plain } = report[situation];
          expect([withPreset.waits, plain.waits]).toEqual([[askedMs, askedMs], [askedMs, askedMs]]);
        });
      }

      if (/^(.*: )?cancelled by the user/.test(situation)) {
        it('gives the caller the client’s own error, or the reason of the signal where the retry has it too', () => {
          const { isClientsOwnError, known } = report[situation];
          expect({ isClientsOwnError, known }).toEqual({ isClientsOwnError: true, known: { ...WITH_PRESET.cancelled, waits: [], isReason: true } });
        });
      }
    });
  });
}

function errorsOf(report: Record<string, any>): Fixtures {
  return Object.fromEntries(Object.entries(report).map(([situation, { error }]) => [situation, error]));
}
