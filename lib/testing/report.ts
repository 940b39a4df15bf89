import { asText, cut } from '../core/safe-inspect';
import type { Breaker } from '../breaker/breaker';
import { currentScope } from './process-scope';
import { runsOf, transitionsOf } from './records';
import type { Subject } from './subject';

/** How often the function of a subject ran, in the test; of a breaker by itself: how many attempts it admitted. */
export function attemptsOf({ name, breakers, home }: Subject): number {
  // An operation without a site is a breaker that somebody uses by hand.
  if (home !== undefined && home.operation.sites > 0) return runsOf(home.registry, name).started;
  return sum(breakers, (breaker) => breaker.stats.calls + breaker.stats.late + breaker.inFlight);
}

export function rejectionsOf({ breakers }: Subject): number {
  return sum(breakers, ({ stats }) => stats.rejected);
}

/** The waits before its retries, in milliseconds. */
export function waitsOf({ name }: Pick<Subject, 'name'>): readonly number[] {
  return currentScope().waits.get(name) ?? [];
}

/** Describes a subject, for the message of an assertion that failed. */
export function reportOf(subject: Subject): string {
  const waits = waitsOf(subject);
  return [
    ...subject.breakers.flatMap((breaker) => [headlineOf(subject, breaker), ...transitionLinesOf(breaker)]),
    ...(subject.breakers.length === 0 ? [`${subject.name} has no breaker yet: one per key or instance is made by calls`] : []),
    ...(waits.length > 0 ? [`waits before retries: ${listOf(waits)} ms`] : []),
  ].join('\n');
}

export function listOf(items: readonly unknown[]): string {
  return items.length === 0 ? 'none' : items.map((item) => (typeof item === 'number' ? rounded(item) : String(item))).join(', ');
}

function headlineOf(subject: Subject, breaker: Breaker): string {
  const { name, key, state, override, stats } = breaker;
  const attempts = subject.home?.operation.single === breaker ? attemptsOf(subject) : stats.calls + stats.late;
  const facts = [
    `${state}${override === undefined ? '' : ` (${override})`}`,
    `${attempts} attempts`,
    `${stats.failures} failures, ${stats.consecutiveFailures} of them in a row`,
    `${stats.rejected} rejected`,
    ...(stats.lastError === undefined ? [] : [`last error: ${cut(asText(stats.lastError), 1000)}`]),
  ];
  return `${name}${key === undefined ? '' : `[${key}]`}: ${facts.join('; ')}`;
}

function transitionLinesOf(breaker: Breaker): string[] {
  const transitions = transitionsOf(breaker);
  const firstMs = transitions[0]?.atMs ?? 0;
  if (transitions.length === 0) return ['  no transitions'];
  return transitions.map(({ from, to, text, atMs }) => `  +${rounded(atMs - firstMs)} ms: ${from} -> ${to} (${text})`);
}

function rounded(ms: number): string {
  return String(Math.round(ms * 1000) / 1000);
}

function sum(breakers: readonly Breaker[], count: (breaker: Breaker) => number): number {
  return breakers.reduce((total, breaker) => total + count(breaker), 0);
}
