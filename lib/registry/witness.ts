import type { RegistryRef } from '../core/options';

/** Sees the registries that are made. There is nobody, unless somebody tests: a test tells those of the program from its own. */
export const registryWitness: { made: ((registry: RegistryRef) => void) | undefined } = { made: undefined };
