import type { Clock } from './clock';
import type { FindingCode } from './lint-rule';
import type { RegistryRef } from './options';
import type { Random } from './random';
import type { Args, Call } from './call';

/** The right to run one attempt. One of its three ends is called, once. */
export interface Permit {
  /** The attempt worked. @returns The value, as the caller gets it. */
  readonly success: (value?: unknown) => unknown;
  /** The attempt failed. @returns A `Rejection` of the error, or of what the caller gets in its place. */
  readonly failure: (error?: unknown) => unknown;
  /** The attempt says nothing about the dependency, or never began. */
  readonly ignore: () => void;
  /** The consumer of a stream has left it: a success without a value to classify. Absent: as `success(undefined)`. */
  readonly leave?: () => void;
  /** A stream has begun: its first item is there. Its end calls one of the others. */
  readonly begun?: () => void;
  /** The call that runs inside, where it is another than the one that was admitted: that of a probe. */
  readonly call?: Call | undefined;
}

/** Why an attempt was not admitted. */
export class Refusal {
  readonly isRefusal = true;

  constructor(readonly error: unknown) {}

  /** A guard may be of another copy of the package, whose class is not ours. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return (value as Partial<Refusal> | undefined)?.isRefusal === true;
  }
}

/** A policy that looks at an attempt before and after it: breaker, bulkhead, rate limit, throttle. */
export interface Guard {
  /** The right to run now; undefined: ask {@link Guard.deny}. A throw refuses the attempt with what is thrown. */
  admit(call: Call, self: unknown, args: Args): Permit | undefined;
  /** Refuses an attempt that was not admitted, or lets it wait for its turn. A waiter that leaves gives its place back. */
  deny(call: Call, self: unknown, args: Args, mayWait?: boolean): Refusal | Promise<Permit | Refusal>;
  /** Milliseconds until it could admit; a retry does not wait, or run, for nothing. It reads, and changes nothing. */
  blockedMs?(self: unknown, args: Args): number;
  /** @internal The user's guard that it checks: drivers are given that one. */
  readonly checked?: Guard;
}

/** Gives a result in place of a failure: a value, the promise of one, or a {@link Rejection}. */
export type Recover = (error: unknown) => unknown;

/**
 * A layer of a pipeline: runs calls of what is inside it. It never throws; a refused call is a rejected promise.
 *
 * An object with a method, not a closure: V8 inlines a method by the shape of its object, and does not inline a closure that a factory made a few times.
 */
export interface Run {
  run(call: Call, self: unknown, args: Args): Promise<unknown>;
}

/** A policy that decides when, and how often, what is inside it runs: retry, timeout, hedge, fallback, cache. */
export interface Driver {
  /** @param inside - The guards further in, outermost first. */
  (next: Run, inside: readonly Guard[]): Run;
  /** In a stream it applies to the wait for each item, not for the first only. */
  readonly eachItem?: boolean;
  /** @internal Its layer in a stream, where that is another: around the wait for each item. */
  readonly streamed?: (opening: Run) => Run;
  /** The budget that it gives to what is inside it. */
  readonly allowance?: Allowance | undefined;
}

/** Bounds the runs that a pipeline adds of its own accord: a retry's budget, as other policies know it. */
export interface Allowance {
  /** Asks for one more run, after `error` if there was one. @returns Whether it may be. */
  tryWithdraw(error: unknown): boolean;
  /** The runs that can be withdrawn now. */
  readonly balance: number;
}

/** How many calls of a bulkhead run and wait, as those who watch see it. */
export interface SlotUsage {
  readonly running: number;
  readonly limit: number;
  readonly queued: number;
}

/** The bulkheads of an operation: the slots that its calls take. */
export interface ShownBulkheads extends Iterable<SlotUsage> {
  add(slots: Iterable<SlotUsage>): void;
}

/** Where policies show their state to those who watch: the operation. */
interface Shown {
  bulkheads: ShownBulkheads | undefined;
}

/** A registry, as the policies in it know it. */
export interface PolicyHome extends RegistryRef {
  /**
   * The state that policies keep from call to call, by policy, and the bindings of pipelines. It outlives a composed pipeline, and an operation that is deleted: else a budget that was spent
   * would be full again. A registry that begins anew has another map.
   */
  readonly states: WeakMap<object, unknown>;
}

/** The surroundings of a policy that becomes a layer of a pipeline. */
export interface LayerContext {
  readonly operation: string;
  /** Where the operation lives. */
  readonly registry: PolicyHome;
  readonly clock: Clock | undefined;
  readonly random: Random | undefined;
  readonly isStream: boolean;
  readonly isSync?: boolean | undefined;
  /** The budget of the innermost retry around this layer that has one. */
  readonly allowance: Allowance | undefined;
  /** Where events go that are not a breaker's. */
  readonly sink: PolicySink;
}

/** As much of an event sink as all policies need; each gives its own events their types. */
export interface PolicySink {
  has(type: string): boolean;
  emit(type: string, event: object): void;
}

/** A policy of a stack, its options checked. */
export interface StackedPolicy {
  readonly kind: PolicyKind;
  /** With defaults filled in. */
  readonly options: object;
}

/** Finds a problem of a stack, outermost first. @returns The problem, and what to do instead; undefined when there is none. */
export type LintRule = (stack: readonly StackedPolicy[]) => string | undefined;

/** Rules by the code of what they find. */
export type LintRules = { readonly [Code in FindingCode]?: LintRule };

/** A kind of protection: the same few functions for every policy. */
export interface PolicyKind<Options = unknown, Layer extends Guard | Driver = Guard | Driver> {
  /** Its name in the object form of `withPolicies`. */
  readonly policy: string;
  /** The options that a short form stands for, such as `'2s'` or `20`; anything else as it is. */
  expand?(given: unknown): unknown;
  /**
   * Checks what was given, and fills in the defaults.
   *
   * @throws {@link ConfigurationError}
   */
  resolve(given: unknown, subject: string): Options;
  /** Called where it is applied: brings what its operation counts with, a breaker or a counter. */
  equip(this: void): void;
  /**
   * Joins the group that its options name, if any: called where it is applied. @returns What is called when that has succeeded.
   *
   * @throws {@link ConfigurationError} when they do not agree with those of the group.
   */
  join?(options: Options, context: Pick<LayerContext, 'operation' | 'registry'>): () => void;
  /** The policy with its state: called once for each wrapper and registry. Absent for the breaker, whose state is the operation's. */
  bind?(options: Options, context: LayerContext): Layer;
  /** Shows its layer to those who watch an operation: called when it is bound, and when an operation that was deleted is registered anew. */
  show?(layer: Layer, shown: Shown): void;
  /** A policy that it brings for the innermost place, as a retry its `attemptTimeout`: inside the breaker, which must see each time-out. */
  innermost?(options: Options): StackedPolicy | undefined;
  /** Whether it may run what is inside it more than once. */
  repeats?(options: Options): boolean;
  /** Whether its place is outside the breaker: it does not stand between a breaker and the attempts that count. */
  readonly outsideBreaker?: boolean;
  /** The orders and combinations with other policies that hurt. Each is said by one kind alone: one that takes part in all of its cases. */
  readonly lint?: LintRules;
  /** Why it cannot protect a function that gives a stream; absent when it can. */
  readonly noStreams?: string;
}

/** One protection as a user wrote it: not yet checked, which happens where it is applied and can be named. */
export interface Policy {
  readonly kind: PolicyKind;
  readonly given: unknown;
  /** Where in a larger input it stands, for errors. */
  readonly path?: string;
  /** Which of its options were said for all policies of a larger input together. */
  readonly common?: readonly string[];
  /** Finds a problem of its options where they stand in a larger input; undefined when there is none. */
  readonly problemOf?: ((given: object) => string | undefined) | undefined;
}

/** A policy from what a user wrote, in short or in full. */
export function policyOf<Options>(kind: PolicyKind<Options>, given: unknown): Policy {
  return { kind, given: kind.expand === undefined ? given : kind.expand(given) };
}

/** For kinds whose short form is the value of one option. */
export function shortFor(option: string, isShort: (given: unknown) => boolean): (given: unknown) => unknown {
  return (given) => (isShort(given) ? { [option]: given } : given);
}
