interface BuiltinModules {
  getBuiltinModule?: (name: string) => unknown;
}

/**
 * A module of Node, Bun or Deno; undefined in a browser. Asked of `process` and never imported, so that the same file runs
 * in all of them.
 */
export function builtinModule<M>(name: `node:${string}`): M | undefined {
  const { process } = globalThis as { process?: BuiltinModules };
  return process?.getBuiltinModule?.(name) as M | undefined;
}
