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

const ownGlobals = new Map<string | symbol, PropertyDescriptor>();

/** Called when all is in place that must outlive a spec file. */
export function rememberGlobals(): void {
  for (const key of Reflect.ownKeys(globalThis)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(globalThis, key);
    if (descriptor !== undefined) ownGlobals.set(key, descriptor);
  }
}

/**
 * Takes away what a spec file leaves behind, such as the default registry, which lives on `globalThis`, or a spied-on timer that is
 * a fake one. Jest throws its whole world away instead.
 */
export function restoreGlobals(): void {
  mocker.restoreAllMocks();
  timers.useRealTimers();
  for (const key of Reflect.ownKeys(globalThis)) {
    const own = ownGlobals.get(key);
    if (own === undefined) Reflect.deleteProperty(globalThis, key);
    else if (own.configurable === true && !('get' in own)) Reflect.defineProperty(globalThis, key, own);
  }
}
