import { shared } from '../core/shared';
import type { Guard } from '../core/policy';
import type { Breaker } from '../breaker/breaker';
import type { BreakerOptions, BreakerSettings } from '../breaker/options';
import type { OptionSource } from './config';
import type { Counter } from './counter';
import type { Operation } from './operation';

/** What an operation counts its attempts with: a breaker, a counter, or one breaker per key or instance, which it iterates over. */
export interface BreakerGroup extends Guard, Partial<Iterable<Breaker>> {
  /** The one that serves all calls, if there is one. */
  readonly single?: Breaker | Counter | undefined;
  /** Lets a breaker go on where this one is, which has counted in its place. */
  passOnTo?(breaker: Breaker): void;
  /** The breakers of keys, by key. */
  readonly keyed?: ReadonlyMap<string, Breaker>;
  /** The breaker of a key, if it is there. */
  find?(key: string): Breaker | undefined;
}

/** What makes the groups of operations. The policies bring it, so that a retry alone does not bundle breakers, nor a breaker alone a counter. */
export interface Equipment {
  breakers?: (operation: Operation) => BreakerGroup;
  /** Lets the breakers of an operation take over its settings. @param changed - Options that none of them keeps for itself any more. */
  configure?: (operation: Operation, changed: BreakerOptions) => void;
  /** @throws {@link ConfigurationError} when the defaults of the registry are wrong. */
  settings?: (sources: readonly OptionSource[], name: string) => BreakerSettings;
  counter?: (operation: Operation) => BreakerGroup;
}

/** Of the first copy of the package that applied a policy. */
export const equipment = /* @__PURE__ */ shared<Equipment>('equipment', () => ({}));
