import '../support/real-work';
import { missingPrograms, verify, type Check } from './spin';

// Millions of states: a minute on an idle machine, and many where others work.
jest.setTimeout(900_000);

/** More steps than the longest run without a repetition has. */
const ANY_DEPTH = 1_000_000;
/** Of a run that shows what is missed, enough. */
const SHORT = 200;

const safety = (probes: number, ...variants: string[]): Check => ({
  model: 'safety',
  // That writes are late is looked at where there are fewer states.
  defines: [`PROBES=${probes}`, 'LEASE=2', 'OPEN_TIME=0', 'SLOTS=3', `LATE=${probes === 1 ? 1 : 0}`, ...variants],
  depth: variants.length > 0 ? SHORT : ANY_DEPTH,
});

const liveness = (probes: number, ...variants: string[]): Check => ({
  model: 'liveness',
  defines: [`PROBES=${probes}`, 'LEASE=2', 'OPEN_TIME=1', 'SLOTS=3', 'LATE=0', ...variants],
  depth: ANY_DEPTH,
});

/** Of which the model says that it never happens. */
const TWO_PROBES = 'running<=1';
const THREE_PROBES = 'running<=2';
const TWO_STATES = 'process[a].epoch!=epoch';
const LATE_RESULT = 'isCurrent[late[p].slot]';

/** Looked at every state: was not stopped by an error, by its depth, or for want of memory. */
function expectHolds(check: Check): void {
  const { report, trail } = verify(check);
  expect(trail).toBeUndefined();
  expect(report).not.toMatch(/Search not completed|^(pan: )?error|max search depth too small|out of memory/m);
  expect(Number(/(\d+)(?:\.\d+e\+\d+)? states, stored/.exec(report)?.[1])).toBeGreaterThan(100);
}

function expectViolates(check: Check, assertion: string): string {
  const { report, trail = '' } = verify(check);
  expect(/pan:1: (assertion violated .*) \(at depth/.exec(report)?.[1]).toContain(assertion);
  expect(/text of failed assertion: (.*)/.exec(trail)?.[1]).toContain(assertion);
  return trail;
}

/** How many processes run a probe at the end of a trail. */
function probesAtEndOf(trail: string): number {
  const slots = [...trail.matchAll(/^\s*process\[\d\]\.slot = (\d)$/gm)].map(([, slot]) => Number(slot));
  expect(slots).toHaveLength(3);
  return slots.filter((slot) => slot < 3).length;
}

const missing = missingPrograms();

if (missing.length > 0) {
  describe('the model of a shared breaker', () => {
    it(`is not checked: ${missing.join(' and ')} cannot be run`, () => {
      const told = `The Promela model is NOT checked here: install ${missing.join(' and ')} (apt-get install spin gcc libc6-dev)`;
      if (process.env.CI) throw new Error(told);
      console.warn(told);
    });
  });
} else {
  describe('the model of a shared breaker', () => {
    it('never has two probes, two states in an epoch, or a late result that counts, where one probe is allowed', () => {
      expectHolds({ ...safety(1), defines: [...safety(1).defines, 'OPERATOR'] });
    });

    it('never has three probes, two states in an epoch, or a late result that counts, where two probes are allowed', () => {
      expectHolds(safety(2));
    });

    it.each([1, 2])('is probed again and again until a probe succeeds, with %i probes at once', (probes) => {
      expectHolds(liveness(probes));
    });
  });

  describe('the model of a shared breaker without one of its rules', () => {
    it.each([
      ['a lost record is not quarantined', 'NO_QUARANTINE'],
      ['a lost record is quarantined only when a process that knows it restores it', 'FORGETS_UNKNOWN'],
      ['a lost record is quarantined for less than a lease', 'SHORT_QUARANTINE'],
      ['a quarantine is counted from when a write was sent, and not from when it is done at the latest', 'WRITES_LATE'],
      ['a write does not compare the revision', 'WRITES_ANYHOW'],
    ])('has two probes at once: %s', (_rule, variant) => {
      expect(probesAtEndOf(expectViolates(safety(1, variant), TWO_PROBES))).toBe(2);
    });

    it('has two probes at once: an operator closes it, and the slot that this takes away is not quarantined', () => {
      expect(probesAtEndOf(expectViolates(safety(1, 'TAKEN_AWAY_FREE', 'OPERATOR'), TWO_PROBES))).toBe(2);
    });

    it('has three probes at once: one of two fails, and the slot that this takes away from the other is not quarantined', () => {
      expect(probesAtEndOf(expectViolates(safety(2, 'TAKEN_AWAY_FREE'), THREE_PROBES))).toBe(3);
    });

    it('has two states in one epoch: epochs are a plain counter', () => {
      expectViolates(safety(1, 'PLAIN_COUNTER'), TWO_STATES);
    });

    it('lets a late result count: it is not asked of which half-open period its slot is', () => {
      expectViolates(safety(1, 'RESULT_OF_ANY_PERIOD'), LATE_RESULT);
    });

    it('lets a result count twice: slots that have succeeded are not known', () => {
      expectViolates(safety(2, 'RESULT_AGAIN'), LATE_RESULT);
    });

    it('is never probed again: the slot of a process that died does not run out', () => {
      const { report, trail } = verify(liveness(1, 'LEASES_LAST'));
      expect(report).toMatch(/pan:1: acceptance cycle/);
      expect(trail).toContain('START OF CYCLE');
    });
  });
}
