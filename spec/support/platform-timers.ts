/** Notes the platform's timers that are armed, which work as ever. */
export function noteTimers() {
  const armed: NodeJS.Timeout[] = [];
  const real = globalThis.setTimeout;
  const spy = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((fire: () => void, delayMs: number) => {
    const handle = real(fire, delayMs);
    armed.push(handle);
    return handle;
  }) as never);
  return {
    /** Whether each of them keeps the process alive, in order. */
    areRefd: () => armed.map((handle) => handle.hasRef()),
    stop: () => {
      spy.mockRestore();
    },
  };
}
