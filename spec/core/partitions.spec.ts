import { stateSource } from '../../lib/core/partitions';

describe('a state for each key, when none is idle', () => {
  it('looks at a bounded number of them for a new key, and finds one that has become idle in the end', () => {
    let looks = 0;
    const busy = new Set<string>();
    const make = (key: string | undefined) => ({
      key,
      get isIdle() {
        looks++;
        return key === undefined || !busy.has(key);
      },
    });
    const source = stateSource({ key: (id: string) => id, maxKeys: 100 }, 'op', make);
    for (let n = 0; n < 100; n++) {
      busy.add(`k${n}`);
      source.stateFor(undefined, [`k${n}`]);
    }
    expect(source.stateFor(undefined, ['new']).key).toBeUndefined();
    expect(looks).toBeLessThanOrEqual(16);

    busy.delete('k50');
    const found = Array.from({ length: 10 }, () => source.stateFor(undefined, ['new']).key);
    expect(found).toContain('new');
  });
});

describe('the states that there are', () => {
  const make = (key: string | undefined) => ({ key, isIdle: false });

  it('is one where there are no keys', () => {
    expect(Array.from(stateSource({ maxKeys: 2 }, 'op', make), ({ key }) => key)).toEqual([undefined]);
  });

  it('are those of the keys, and the one that the keys without room share', () => {
    const source = stateSource({ key: (id: string) => id, maxKeys: 2 }, 'op', make);
    expect([...source]).toEqual([]);
    for (const key of ['a', 'b', 'c', 'd']) source.stateFor(undefined, [key]);
    expect(Array.from(source, ({ key }) => key).sort()).toEqual(['a', 'b', undefined]);
  });
});
