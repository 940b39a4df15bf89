import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';
import type { ModuleRegistry } from './module-registry';

const mocker = new ModuleMocker(globalThis);
const timers = new ModernFakeTimers({ config: { rootDir: process.cwd(), fakeTimers: {} } as never, global: globalThis });

/** The part of `jest` that our specs use. */
export function jestObject(registry: ModuleRegistry): object {
  return {
    fn: mocker.fn.bind(mocker),
    spyOn: mocker.spyOn.bind(mocker),
    restoreAllMocks: () => mocker.restoreAllMocks(),
    setTimeout: () => undefined, // how long a spec may take is known from the run without mutants
    isolateModules: (action: () => void) => registry.isolated(action),
    useFakeTimers: (config?: never) => timers.useFakeTimers(config),
    useRealTimers: () => timers.useRealTimers(),
    setSystemTime: (now?: number | Date) => timers.setSystemTime(now),
    advanceTimersByTime: (ms: number) => timers.advanceTimersByTime(ms),
    advanceTimersByTimeAsync: (ms: number) => timers.advanceTimersByTimeAsync(ms),
    getTimerCount: () => timers.getTimerCount(),
  };
}

/** What a spec file may leave behind; Jest throws its whole world away instead. */
export function restoreGlobals(): void {
  timers.useRealTimers();
  mocker.restoreAllMocks();
}
