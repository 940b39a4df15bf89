import type { Breaker } from '../../lib';
import { clearOverride, disable, forceOpen, shadow } from '../../lib/operate';
import { Testbed } from './testbed';

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

describe('what an operator asks of all processes, of a breaker that is not shared', () => {
  const SHARE = 'fleet: goes with a breaker that processes share: call shareBreakers(registry, store) first, with `operations` that include it; received true';
  it.each<[string, (breaker: Breaker) => unknown, string]>([
    ['forceOpen', (breaker) => forceOpen(breaker, { fleet: true }), `forced_open of users.fetch: ${SHARE}`],
    ['disable', (breaker) => disable(breaker, { fleet: true }), `disabled of users.fetch: ${SHARE}`],
    ['shadow', (breaker) => shadow(breaker, { fleet: true }), `shadow of users.fetch: ${SHARE}`],
    ['clearOverride', (breaker) => clearOverride(breaker, { fleet: true }), `clear of users.fetch: ${SHARE}`],
    ['what it does not know', (breaker) => clearOverride(breaker, { flet: true } as never), 'clearOverride of users.fetch: flet: unknown option; did you mean fleet?; received true'],
  ])('is refused: %s', (_what, act, message) => {
    const { breaker } = new Testbed({ name: 'users.fetch' });
    expect(messageOf(() => act(breaker))).toBe(message);
    expect(breaker.override).toBeUndefined();
  });
});
