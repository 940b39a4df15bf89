import fc from 'fast-check';
import { CountWindow } from '../../lib/breaker/windows';

interface Outcome {
  readonly failed: boolean;
  readonly slow: boolean;
}

const outcomes = fc.array(fc.record<Outcome>({ failed: fc.boolean(), slow: fc.boolean() }), { maxLength: 60 });
const size = fc.integer({ min: 1, max: 12 });

/** The naive window: a list, counted anew. */
function countsOf(list: readonly Outcome[]) {
  return {
    calls: list.length,
    failures: list.filter(({ failed }) => failed).length,
    slow: list.filter(({ slow }) => slow).length,
  };
}

function read({ calls, failures, slow }: CountWindow) {
  return { calls, failures, slow };
}

describe('CountWindow', () => {
  it('counts the last `size` outcomes, after each one', () => {
    fc.assert(
      fc.property(size, outcomes, (n, list) => {
        const window = new CountWindow(n);
        list.forEach(({ failed, slow }, index) => {
          window.record(failed, slow);
          expect(read(window)).toEqual(countsOf(list.slice(0, index + 1).slice(-n)));
        });
      }),
    );
  });

  it('is empty at first', () => {
    expect(read(new CountWindow(3))).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it('saves its outcomes oldest first, one digit each', () => {
    const window = new CountWindow(3);
    window.record(true, true);
    window.record(true, false);
    window.record(false, true);
    window.record(false, false);

    expect(window.snapshot()).toEqual({ type: 'count', outcomes: '120' });
  });

  it('goes on after a save and a load as if there had been none', () => {
    fc.assert(
      fc.property(size, outcomes, outcomes, (n, before, after) => {
        const window = new CountWindow(n);
        for (const { failed, slow } of before) window.record(failed, slow);
        const loaded = new CountWindow(n);
        loaded.restore(window.snapshot());
        for (const { failed, slow } of after) loaded.record(failed, slow);

        expect(read(loaded)).toEqual(countsOf([...before, ...after].slice(-n)));
        expect(loaded.snapshot()).toEqual({
          type: 'count',
          outcomes: [...before, ...after].slice(-n).map(({ failed, slow }) => Number(failed) + 2 * Number(slow)).join(''),
        });
      }),
    );
  });

  it('keeps the youngest outcomes of a larger window, and all of a smaller one', () => {
    fc.assert(
      fc.property(size, size, outcomes, (from, to, list) => {
        const window = new CountWindow(from);
        for (const { failed, slow } of list) window.record(failed, slow);
        const loaded = new CountWindow(to);
        loaded.restore(window.snapshot());

        expect(read(loaded)).toEqual(countsOf(list.slice(-from).slice(-to)));
      }),
    );
  });

  it('forgets nothing by time', () => {
    const window = new CountWindow(3);
    window.record(true, false);
    window.stats();

    expect(window.calls).toBe(1);
  });

  it('takes nothing from the content of a time window', () => {
    const window = new CountWindow(3);
    window.restore({ type: 'time', buckets: [{ age: 0, calls: 1, failures: 1, slow: 0 }] });

    expect(window.calls).toBe(0);
  });
});
