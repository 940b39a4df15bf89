import { AssertionError } from 'node:assert';
import fc from 'fast-check';
import { breakerFollows } from '../support/breaker-model';
import '../support/real-work';
import { ReferenceBreaker } from '../support/reference-breaker';
import { seededFaults } from '../support/seeded-faults';
import { runs } from '../support/runs';

// Rules 1 to 18, all together and in any order. The reference works each decision out from the whole list of outcomes.
describe('Breaker, compared with the reference model', () => {
  it('decides, counts and tells the same, whatever is done to it', async () => {
    await fc.assert(breakerFollows(ReferenceBreaker), { numRuns: runs(15_000) });
  });
});

/** A fixed seed: whether a fault is found must not depend on the day. */
const seed = 1;

function runWithFault(fault: string) {
  return fc.check(breakerFollows(seededFaults[fault]!), { seed, numRuns: 10_000 });
}

describe('the comparison with the reference', () => {
  it.each(Object.keys(seededFaults))('finds out when %s', async (fault) => {
    const run = await runWithFault(fault);
    const withoutFault = await fc.check(breakerFollows(ReferenceBreaker), { seed, numRuns: run.numRuns });

    // The two sides differ (neither broke down), and they do so for the fault alone.
    expect(run.errorInstance).toBeInstanceOf(AssertionError);
    expect(withoutFault.failed).toBe(false);
  });

  it('prints the shortest sequence of commands that shows a fault', async () => {
    const { counterexample } = await runWithFault('a reset clears the override');

    // Perhaps one more command, to see it; then the path to replay it by.
    expect(String(counterexample?.[0])).toMatch(/^forced_open,reset(,[^,/]+)? \/\*replayPath/);
  });
});
