import { Inject } from '@nestjs/common';

/** The token of the registry that the module configures. `BreakerRegistry`, the class, is another token for it. */
export const BREAKER_REGISTRY = Symbol('BREAKER_REGISTRY');

/** Injects the registry that the module configures. */
export const InjectRegistry = (): ParameterDecorator & PropertyDecorator => Inject(BREAKER_REGISTRY);
