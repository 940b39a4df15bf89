import { writeFileSync } from 'node:fs';
import { capturedErrors, fixtureOf, type Shape } from '../../support/captured-errors';
import { MEANING, rightVerdict } from '../../support/database-scenarios';
import { reportOf } from './program';

interface Entry {
  readonly error: Shape;
  readonly judged: { readonly attempts: number; readonly idempotentAttempts: number; readonly counted: string };
}

/**
 * The specs of one client: it still fails as its fixture says, by which `spec/presets` judges without a server, and the preset does what is right.
 * With `WRITE_FIXTURES` set they write the fixture.
 *
 * @param client - The name of the fixture.
 * @param program - What runs the scenarios.
 * @param args - Its arguments, known when the specs run.
 */
export function describeClient(client: string, program: string, args: () => string[] = () => []): void {
  describe(client, () => {
    let entries: [string, Entry][];

    beforeAll(async () => {
      entries = Object.entries((await reportOf(program, ...args())) as Record<string, Entry>);
      if (process.env['WRITE_FIXTURES'] !== undefined) writeFileSync(fixtureOf(client), `${JSON.stringify(errorsOf(entries), undefined, 2)}\n`);
    });

    it('fails as its fixture says', () => {
      expect(errorsOf(entries)).toEqual(capturedErrors(client));
    });

    it('is judged by presets.database as is right', () => {
      const judged = entries.map(([scenario, entry]) => [scenario, entry.judged]);
      expect(Object.fromEntries(judged)).toEqual(Object.fromEntries(entries.map(([scenario]) => [scenario, MEANING[rightVerdict(client, scenario)!]])));
    });
  });
}

function errorsOf(entries: [string, Entry][]): Record<string, Shape> {
  return Object.fromEntries(entries.map(([scenario, { error }]) => [scenario, error]));
}
