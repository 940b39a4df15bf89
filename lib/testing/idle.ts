import { AssertionFailure } from './assertion-failure';
import { currentScope } from './process-scope';
import { runningIn } from './runs';
import { listOf } from './report';
import { presentRegistry } from './subject';

/**
 * Asserts that nothing is going on here: no timer is armed, nobody waits, no function runs.
 *
 * @throws An assertion error that says what does.
 */
export function assertIdle(): void {
  const { armed } = currentScope().clock;
  const left = [
    ...(armed.length > 0 ? [`timers: ${armed.length}, which fire in ${listOf(armed)} ms`] : []),
    ...runningIn(presentRegistry()).map(([operation, running]) => `${operation}: ${running} of its attempts ${running === 1 ? 'runs' : 'run'}`),
  ];
  if (left.length === 0) return;
  const failure = new AssertionFailure(['expected no timer, wait or call to be left, but there are', ...left].join('\n  '));
  Error.captureStackTrace?.(failure, assertIdle);
  throw failure;
}
