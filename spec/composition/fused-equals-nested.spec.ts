import fc from 'fast-check';
import { collectWarnings } from '../registry/support/warnings';
import '../support/real-work';
import { playFused, playPlain, playStacked } from './support/play';
import { scenarios, settledStacks, stacks } from './support/random-stack';
import { runs } from '../support/runs';

describe('rule 25: a stack of policies, in any order, repeats included', () => {
  let warnings: ReturnType<typeof collectWarnings>;

  // Of orders that hurt; here all orders are tried.
  beforeEach(() => {
    warnings = collectWarnings();
  });

  afterEach(() => {
    warnings.stop();
  });

  it('gives the same results, runs and events as one list, as nested wrappers, and as plain functions around each other', async () => {
    await fc.assert(
      fc.asyncProperty(settledStacks, scenarios, async (stack, scenario) => {
        const plain = await playPlain(stack, scenario);
        const fused = await playFused(stack, scenario);
        expect(fused).toEqual(plain);
        expect(await playStacked(stack, scenario)).toEqual(plain);
        expect(fused).toMatchObject({ armed: 0, unsettled: 0 });
      }),
      { numRuns: runs(300) },
    );
  });

  it('settles every call, and leaves no timer', async () => {
    await fc.assert(
      fc.asyncProperty(stacks, scenarios, async (stack, scenario) => {
        expect(await playFused(stack, scenario)).toMatchObject({ armed: 0, unsettled: 0 });
      }),
      { numRuns: runs(300) },
    );
  });
});
