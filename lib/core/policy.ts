import type { Clock } from './clock';
import type { RegistryRef } from './options';
import type { Random } from './random';
import type { Runner } from './runner';

/** What a pipeline gives a policy that becomes one of its layers. */
export interface LayerContext {
  readonly operation: string;
  /** Where the operation lives: state that outlives the pipeline is kept for each. */
  readonly registry: RegistryRef;
  readonly clock: Clock | undefined;
  readonly random: Random | undefined;
  /** The operation's breaker around `next`: the one layer whose state lives in the registry. */
  guard(next: Runner): Runner;
  /** Where events go that are not a breaker's. */
  readonly sink: PolicySink;
}

/** As much of an event sink as all policies need; each gives its own events their types. */
interface PolicySink {
  has(type: string): boolean;
  emit(type: string, event: object): void;
}

/** A kind of protection: the same few functions for every policy. */
export interface PolicyKind<Options = unknown> {
  /** Its name in the object form of `withPolicies`. */
  readonly policy: string;
  /**
   * Checks what was given, and fills in the defaults.
   *
   * @throws {@link ConfigurationError}
   */
  resolve(given: unknown, subject: string): Options;
  /** The layers of this policy around `next`. */
  layer(options: Options, next: Runner, context: LayerContext): Runner;
  /** A time-out that it wants around each attempt, inside all other layers. */
  attemptTimeoutMs?(options: Options): number | undefined;
}

/** One protection as a user wrote it: not yet checked, which happens where it is applied and can be named. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly given: unknown;
  /** Where in a larger input it stands, for errors. */
  readonly path?: string;
}
