import type { BreakerState, OverrideKind } from '../../breaker/events';
import { wellFormed } from '../shared-name';
import type { Answer, Command } from '../shared-store';

/** A command as the script reads it: its JSON knows no half of a surrogate pair. */
export function written(command: Command): string {
  return JSON.stringify(command, (_key, value: unknown) => (typeof value === 'string' ? wellFormed(value) : value));
}

const STATES: readonly unknown[] = ['closed', 'open', 'half_open'] satisfies BreakerState[];
const PARTS = 15;

/**
 * What the script has answered: a flat list of text, which no client reads in a way of its own.
 *
 * @throws an error when it is something else.
 */
export function readAnswer(reply: unknown): Answer {
  // Of a client that was told to give bytes, they are bytes.
  const parts = Array.isArray(reply) ? reply.map(String) : [];
  const [epoch, state, remaining, reopenings, kind, lasts, reason, now, processes, votes, settings, reset, done, restored, wait] = parts;
  const numbers = [epoch, remaining, reopenings, lasts, now, processes, votes, wait].map(Number);
  if (parts.length !== PARTS || !STATES.includes(state) || !numbers.every(Number.isFinite)) {
    throw new Error(`Redis answered something else than the script of shared breakers does: ${JSON.stringify(reply)?.slice(0, 200)}`);
  }
  return {
    epoch: Number(epoch),
    state: state as BreakerState,
    remaining: Number(remaining),
    reopenings: Number(reopenings),
    ...(kind !== '' && { override: { kind: kind as OverrideKind, remaining: Number(lasts), ...(reason !== '' && { reason }) } }),
    now: Number(now),
    processes: Number(processes),
    votes: Number(votes),
    ...(settings !== '' && { settings }),
    reset: reset === '1',
    done: done === '1',
    restored: restored === '1',
    wait: Number(wait),
  };
}
