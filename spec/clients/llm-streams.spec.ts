import { reportOf } from './support/program';

describe('presets.llm with streams of openai and anthropic', () => {
  let report: Record<string, any>;

  beforeAll(async () => {
    report = await reportOf('llm-streams.mts');
  });

  describe.each(['openai', 'anthropic'])('%s', (client) => {
    it('begins again before the first item', () => {
      expect(report[client]['overloads before the first item']).toEqual({ runs: 3, items: ['Hello'], isWhole: true, successes: 1, failures: 2 });
    });

    it.each(['lost after the first item', 'an error after the first item'])('counts what fails after it, and does not begin again: %s', (situation) => {
      expect(report[client][situation]).toEqual({ runs: 1, items: ['Hello'], isWhole: false, successes: 0, failures: 1 });
    });
  });
});
