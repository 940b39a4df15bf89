import type { ErrorReporter, ServiceErrorHandler } from '../../../lib/recovery';

/** Lets everything that can go on without time passing go on. */
export const settle = () => new Promise((resolve) => {
    setImmediate(resolve);
  });

export const connectionError = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });

export const failingWith = (error: unknown) => jest.fn((): Promise<string> => Promise.reject(error));

export const mockedReporter = () => ({
  reportError: jest.fn<void | Promise<void>, Parameters<ErrorReporter['reportError']>>(),
  getErrorSummary: jest.fn<ReturnType<ErrorReporter['getErrorSummary']>, [number]>(),
});

export const mockedHandler = () => ({
  handleError: jest.fn<boolean | Promise<boolean>, Parameters<ServiceErrorHandler['handleError']>>(() => false),
  getRecoverySuggestions: jest.fn<string[] | Promise<string[]>, [unknown]>(() => []),
});

/** A promise to be settled later. */
export function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settlers) => {
    [resolve, reject] = settlers;
  });
  return { promise, resolve, reject };
}
