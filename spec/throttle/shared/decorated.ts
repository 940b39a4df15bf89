import { BreakerRegistry, getPolicies, Throttle, ThrottledError } from '../../../lib';
import { rejectionOf } from '../../composition/support/flaky';

export function throttlesMethods(): void {
  const refusal = new Error('503');

  it('holds back the calls of all instances together', async () => {
    const registry = new BreakerRegistry();
    class Search {
      runs = 0;

      @Throttle({ registry, random: () => 0 })
      async find(_words: string): Promise<string> {
        this.runs++;
        throw refusal;
      }
    }
    const [one, other] = [new Search(), new Search()];

    expect(await rejectionOf(one.find('a'))).toBe(refusal);
    expect(await rejectionOf(other.find('a'))).toMatchObject({ code: 'BREAKER_THROTTLED', operation: 'Search.find' });
    expect(await rejectionOf(one.find('a'))).toBeInstanceOf(ThrottledError);
    expect([one.runs, other.runs]).toEqual([1, 0]);
  });

  it('is used bare, or with empty parentheses, with the default options', async () => {
    class Search {
      @Throttle
      async find(words: string): Promise<string> {
        return words;
      }

      @Throttle()
      static async suggest(words: string): Promise<string> {
        return words;
      }
    }

    expect(await new Search().find('a')).toBe('a');
    expect(await Search.suggest('b')).toBe('b');
    const defaults = [{ policy: 'throttle', options: { k: 2, window: 10_000, maxRejection: 0.9 } }];
    expect(getPolicies(Search.prototype, 'find')).toMatchObject(defaults);
    expect(getPolicies(Search, 'suggest')).toMatchObject(defaults);
  });
}
