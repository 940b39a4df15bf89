/** Says to the sources of `lib/` that a developer reads their messages, as the build does; imported before them by a program that runs them as they are. */
Object.assign(globalThis, { __DEV__: true, __NODE__: true });

export {};
