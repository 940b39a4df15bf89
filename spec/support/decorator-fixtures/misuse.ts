import { CircuitBreaker, ConfigurationError, registry, Resilient, Retry } from '../../../lib';

/** Every form of every decorator, untyped: the types refuse what these specs do. */
export const forms: [string, any][] = [
  ['@CircuitBreaker', CircuitBreaker],
  ['@CircuitBreaker', CircuitBreaker()],
  ['@CircuitBreaker', CircuitBreaker({ failureThreshold: 2 })],
  ['@Retry', Retry],
  ['@Retry', Retry()],
  ['@Retry', Retry({ maxAttempts: 2 })],
  ['@Resilient', Resilient({ breaker: {} })],
];

export function errorOf(declare: () => unknown): unknown {
  try {
    declare();
  } catch (error) {
    return error;
  }
  throw new Error('was accepted');
}

/** The message names the decorator and the member, says what can be protected, and nothing was registered. */
export function expectMisuse(declare: () => unknown, decorator: string, member: string): void {
  const before = [...registry.names()];

  const error = errorOf(declare);

  expect(error).toBeInstanceOf(ConfigurationError);
  const { message, issues } = error as ConfigurationError;
  expect(message).toContain(decorator);
  expect(message).toContain(member);
  expect(message).toContain('it protects methods that return a promise');
  expect(issues).toHaveLength(1);
  expect([...registry.names()]).toEqual(before);
}
