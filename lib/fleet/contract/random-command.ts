import type { Random } from '../../core/random';
import { FOREVER, type Command } from '../shared-store';

type Act = Partial<Command> & Pick<Command, 'kind'>;

/** A command that one of several processes could send, with times so short that all of them end within a few others. */
export function randomCommand(random: Random): Act {
  const pick = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const below = (most: number): number => Math.floor(random() * most);
  const openFor = pick(0, 1, 5, 10, 30);
  const slot = pick('s0', 's0', 's1');
  const sender = { alive: pick(0, 20, 1000), lease: pick(1, 10, 30) };
  const acts: readonly (() => Act)[] = [
    () => ({ kind: 'get', settings: pick('a', 'b', ''), name: pick(undefined, 'é"\\') }),
    () => ({ kind: 'vote', lasts: pick(5, 1000), openFor, quorum: { min: pick(1, 2), ratio: random() } }),
    () => ({ kind: 'report', openFor, settings: pick(undefined, 'a', 'b'), counts: { calls: below(9), failures: below(9), slow: below(9), streak: below(9) }, limits: pick(
      { failureThreshold: 7 },
      { window: 'count', size: 30, minimumCalls: 5, failureRate: random(), slowRate: 2 },
      { window: 'time', size: 40, minimumCalls: 5, failureRate: random(), slowRate: random() },
    ) }),
    () => ({ kind: 'acquire', slot, probes: pick(1, 2), successes: pick(1, 2, 3) }),
    () => ({ kind: 'acquire', slot, probes: pick(1, 2), successes: pick(1, 2, 3) }),
    () => ({ kind: pick('renew', 'release'), slot }),
    () => ({ kind: 'result', slot, success: random() < 0.7, successes: pick(1, 2), openFor }),
    () => ({ kind: 'result', slot, success: random() < 0.7, successes: pick(1, 2), openFor }),
    () => ({ kind: 'force', act: 'override', override: { kind: pick('forced_open', 'disabled', 'shadow'), remaining: pick(10, FOREVER), reason: pick(undefined, 'why') } }),
    () => ({ kind: 'force', act: pick('clear', 'close', 'reset') }),
  ] as const;
  return { ...sender, ...pick(...acts)() };
}
