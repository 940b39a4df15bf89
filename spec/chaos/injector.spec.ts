import { Injector } from '../../lib/chaos/injector';

describe('a script of faults', () => {
  const down = new Error('down');
  const never = (): number => {
    throw new Error('a script leaves nothing to chance');
  };

  it('says of each run in turn whether something is done to it, and of none after', () => {
    const script = [true, false, true];
    const injector = new Injector({ rate: 1, latency: undefined, fault: down, result: undefined }, never, script);
    const strikes = Array.from({ length: 5 }, () => injector.next()?.instead);
    expect(strikes).toEqual(['fault', undefined, 'fault', undefined, undefined]);
    expect(script).toEqual([true, false, true]);
  });

  it('that is empty does nothing', () => {
    expect(new Injector({ rate: 1, latency: undefined, fault: down, result: undefined }, never, []).next()).toBeUndefined();
  });
});

describe('what is done to a run', () => {
  it.each<[string, { min: number; max: number } | undefined, number | undefined]>([
    ['no latency', undefined, undefined], ['always the same', { min: 5, max: 5 }, 5], ['one between', { min: 10, max: 30 }, 15],
  ])('holds it up: %s', (_what, latency, latencyMs) => {
    const injector = new Injector({ rate: 0.5, latency, fault: undefined, result: undefined }, () => 0.25);
    expect(injector.next()).toEqual({ latencyMs, instead: undefined });
  });
});
