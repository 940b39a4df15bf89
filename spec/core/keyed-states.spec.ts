import { AgeClock } from '../../lib/core/clock';
import { KeyedStates, type KeyedStatesOptions } from '../../lib/core/keyed-states';
import { collectWarnings } from '../registry/support/warnings';
import { TimerClock } from '../support/timer-clock';

interface State {
  readonly key: string | undefined;
  isBusy: boolean;
}

/** States that are busy from the beginning where `busy` says so, and how often they were looked at. */
function setUp(options: Partial<KeyedStatesOptions<State>> = {}, { busy = false } = {}) {
  const looks = { count: 0 };
  const states = new KeyedStates<State>({
    operation: 'hosts.fetch',
    noun: 'bulkhead',
    maxKeys: 3,
    create: (key) => ({ key, isBusy: busy }),
    isIdle: ({ isBusy }) => (looks.count++, !isBusy),
    ...options,
  });
  const keys = () => Array.from(states.entries(), ([key]) => key);
  const use = (...all: string[]) => all.map((key) => states.get(key).key);
  return { states, looks, keys, use };
}

describe('states by key', () => {
  it('are made at first use, and kept', () => {
    const { states } = setUp();
    expect(states.get('a')).toBe(states.get('a'));
    expect(states.get('b')).not.toBe(states.get('a'));
  });

  it('are in order of last use, also after the newest was used again', () => {
    const { keys, use } = setUp();
    use('a', 'b', 'c', 'c', 'a', 'a', 'b');
    expect(keys()).toEqual(['c', 'a', 'b']);
  });

  it('go for room, the least recently used idle one first', () => {
    const { states, keys, use } = setUp();
    use('a', 'b', 'c');
    states.get('a').isBusy = true;
    states.get('b');
    states.get('c');
    use('d');
    expect(keys()).toEqual(['c', 'a', 'd']);
  });

  it('never lose one that is in use, though it has been passed over and was the newest', () => {
    const { states, keys, use } = setUp({ maxKeys: 1 });
    states.get('a').isBusy = true;
    expect(use('b', 'a', 'b')).toEqual([undefined, 'a', undefined]);
    states.get('a').isBusy = false;
    expect(use('b')).toEqual(['b']);
    expect(keys()).toEqual(['b']);
  });

  it('are made known once they are in their place', () => {
    const found: unknown[] = [];
    const { states, use } = setUp({ maxKeys: 1, created: (state) => found.push(state === states.peek('a') || state === states.peek('b')) }, { busy: true });
    use('a', 'b');
    expect(found).toEqual([true, true]);
  });

  it('can be looked up without making any', () => {
    const { states, keys, use } = setUp({ maxKeys: 1 }, { busy: true });
    expect([states.find('a'), states.peek('a')]).toEqual([undefined, undefined]);
    use('a', 'b');
    expect([states.find('a')?.key, states.find('b'), states.peek('b')]).toEqual(['a', undefined, { key: undefined, isBusy: true }]);
    expect(keys()).toEqual(['a']);
  });
});

describe('rule 33: states by key, when none is idle', () => {
  it('share one state with all new keys, with one warning that says what to do', () => {
    const { states, use } = setUp({}, { busy: true });
    const warnings = collectWarnings();
    expect(use('a', 'b', 'c', 'd', 'e')).toEqual(['a', 'b', 'c', undefined, undefined]);
    expect(states.get('d')).toBe(states.get('e'));
    expect(Array.from(states, ({ key }) => key)).toEqual(['a', 'b', 'c', undefined]);
    expect(warnings.codes()).toEqual(['BREAKER_BOX_KEYS']);
    expect(warnings.messages()[0]).toMatch(/hosts\.fetch has 3 keys, each with a bulkhead in use.*maxKeys/);
    warnings.stop();
  });

  it('are looked at 16 at most for a new key, others each time, until one is found that has become idle', () => {
    const { states, looks, use } = setUp({ maxKeys: 100 }, { busy: true });
    const warnings = collectWarnings();
    use(...Array.from({ length: 100 }, (_, n) => `k${n}`));
    expect(use('new')).toEqual([undefined]);
    expect(looks.count).toBe(16);

    states.find('k50')!.isBusy = false;
    expect(use('new', 'new')).toEqual([undefined, undefined]);
    expect(use('new')).toEqual(['new']);
    expect(states.find('k50')).toBeUndefined();
    warnings.stop();
  });

  it('are looked at once each where they are fewer', () => {
    const { looks, keys, use } = setUp({}, { busy: true });
    const warnings = collectWarnings();
    use('a', 'b', 'c', 'd');
    expect([looks.count, keys()]).toEqual([3, ['a', 'b', 'c']]);
    warnings.stop();
  });
});

describe('states by key, with an idle time', () => {
  function timed(options: Partial<KeyedStatesOptions<State>> = {}) {
    const clock = new TimerClock();
    return { clock, ...setUp({ maxKeys: 100, idleMs: 1000, age: new AgeClock(clock), ...options }) };
  }

  it('are dropped by the next new key, once they were unused for so long', async () => {
    const { clock, keys, use } = timed();
    use('a', 'b');
    await clock.advance(999);
    use('b', 'c');
    expect(keys()).toEqual(['a', 'b', 'c']);
    await clock.advance(1);
    use('d');
    expect(keys()).toEqual(['b', 'c', 'd']);
  });

  it('know when they were last used, and what time it is', async () => {
    const isIdle = jest.fn(() => false);
    const { clock, use } = timed({ isIdle });
    await clock.advance(5);
    use('a');
    await clock.advance(10);
    use('a');
    await clock.advance(1000);
    use('b');
    expect(isIdle).toHaveBeenCalledWith({ key: 'a', isBusy: false }, 15, 1015);
  });

  it('are looked at 16 at most for a new key, also when many are over their time', async () => {
    const { clock, looks, keys, use } = timed();
    use(...Array.from({ length: 40 }, (_, n) => `k${n}`));
    await clock.advance(1000);
    use('new');
    expect([looks.count, keys().length]).toEqual([16, 25]);
  });
});
