/** The reason of an abort, as the platform words it; where there is no `DOMException` (Hermes), an error that looks the same to who asks for its name. */
export function abortError(message: string): Error {
  const { DOMException: Exception } = globalThis as { DOMException?: typeof DOMException };
  return Exception === undefined ? Object.assign(new Error(message), { name: 'AbortError', code: 20 }) : new Exception(message, 'AbortError');
}
