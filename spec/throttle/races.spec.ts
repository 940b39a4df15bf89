import fc from 'fast-check';
import { ThrottledError } from '../../lib';
import { reactions } from '../support/timer-clock';
import { refusal, Testbed } from './testbed';
import { runs } from '../support/runs';

type Ending = 'accepted' | 'refused' | 'cancelled';

describe('a throttle, in whatever order calls come and end', () => {
  it('knows at each decision exactly those that have ended, and those it held back', async () => {
    const calls = fc.array(
      fc.record({
        ending: fc.constantFrom<Ending[]>('accepted', 'refused', 'cancelled'),
        chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), calls, async (scheduler, given) => {
        let chance = 0;
        const testbed = new Testbed({ k: 1.5, random: () => chance });
        testbed.answer = async (ending) => {
          await scheduler.schedule(Promise.resolve(), `a call ends: ${String(ending)}`);
          if (ending === 'refused') throw refusal;
          if (ending === 'cancelled') throw new DOMException('cancelled', 'AbortError');
        };
        let requests = 0;
        let accepts = 0;
        const all = given.map(async (one) => {
          await scheduler.schedule(Promise.resolve(), 'a call comes');
          await reactions(); // by now, what has ended is known to all
          const probability = Math.min(0.9, Math.max(0, (requests - 1.5 * accepts) / (requests + 1)));
          chance = one.chance;
          const runs = testbed.fn.mock.calls.length;
          const ended = testbed.call(one.ending).catch((error: unknown) => error);
          const isHeld = testbed.fn.mock.calls.length === runs;
          if (isHeld) requests++;
          expect(isHeld).toBe(probability > 0 && one.chance < probability);
          expect((await ended) instanceof ThrottledError).toBe(isHeld);
          if (!isHeld && one.ending !== 'cancelled') requests++;
          if (one.ending === 'accepted' && !isHeld) accepts++;
        });
        const finished = Promise.all(all);
        await scheduler.waitFor(finished);
      }),
      { numRuns: runs(200) },
    );
  });
});
