import type { RegistryRef } from '../core/options';
import { shared } from '../core/shared';

/** Sees the registries that are made. There is nobody, unless somebody tests: a test tells those of the program from its own. */
export const registryWitness = shared<{ made: ((registry: RegistryRef) => void) | undefined }>('registry-witness', () => ({ made: undefined }));
