import { AdaptiveBackoff } from '../../lib/retry/backoff';

function after(results: string, windowSize?: number): AdaptiveBackoff {
  const backoff = new AdaptiveBackoff(windowSize);
  for (const result of results) backoff.record(result === '+');
  return backoff;
}

describe('the adaptive backoff', () => {
  it('doubles delays while fewer than 70 % of the last results were successes, and halves them from there on', () => {
    expect(after('+++++++---').factor).toBe(0.5);
    expect(after('++++++----').factor).toBe(2);
    expect(after('-').factor).toBe(2);
  });

  it('halves delays while nothing is known', () => {
    expect(after('').factor).toBe(0.5);
    expect(after('').successRate).toBe(1);
  });

  it('forgets what is older than its window, of ten results unless told otherwise', () => {
    expect(after('----------' + '+++++++---').successRate).toBe(0.7);
    expect(after('-----' + '+++', 3).successRate).toBe(1);
  });
});
