/** Collects the warnings of a spec, and keeps them off the terminal. */
export function collectWarnings() {
  const spy = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  return {
    /** The codes, in order. */
    codes: () => spy.mock.calls.map(([, options]) => (options as unknown as { code: string }).code),
    messages: () => spy.mock.calls.map(([message]) => String(message)),
    stop: () => {
      spy.mockRestore();
    },
  };
}
