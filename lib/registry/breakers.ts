import { type Args, type Call, receiverOf } from '../core/call';
import { constrained, options, resolve } from '../core/check';
import { KeyedStates, keyOfCall } from '../core/keyed-states';
import { OF_THE_SITE } from '../core/options';
import type { Permit, Refusal } from '../core/policy';
import { propertyOf } from '../core/safe-inspect';
import { Breaker } from '../breaker/breaker';
import { adopt } from '../breaker/configure';
import { breakerSettings, ownSchema, type BreakerOptions } from '../breaker/options';
import { isOpen } from '../breaker/states';
import { without } from './config';
import { equipment, type BreakerGroup } from './group';
import { InstanceStates } from './instance-states';
import type { Operation } from './operation';

/** A state for each key, or for each instance. */
interface States extends Iterable<Breaker>, Partial<Pick<KeyedStates<Breaker>, 'entries' | 'find' | 'trim'>> {
  get(part: unknown): Breaker;
  peek(part: unknown): Breaker | undefined;
}

/** The breakers of one operation, one per key or per instance. As a guard: each attempt asks that of its key, or of its receiver. */
class Breakers implements BreakerGroup {
  /** The breaker that admitted nothing just now: `deny` follows at once, and must not ask for the key again. */
  #denying!: Breaker;

  constructor(
    private readonly operation: Operation,
    readonly states: States,
  ) {}

  /** @throws {@link ConfigurationError} when the call has no key. */
  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const breaker = this.states.get(this.#partOf(self, args));
    const permit = breaker.admit(call);
    if (permit === undefined) this.#denying = breaker;
    return permit;
  }

  deny(call: Call, self: unknown, args: Args, mayWait?: boolean): Refusal | Promise<Permit | Refusal> {
    return this.#denying.deny(call, self, args, mayWait);
  }

  /** A breaker that is not there yet blocks nothing; a key that is wrong is said to the call that needs it. */
  blockedMs(self: unknown, args: Args): number {
    try {
      return this.states.peek(this.#partOf(self, args))?.blockedMs() ?? 0;
    } catch {
      return 0;
    }
  }

  [Symbol.iterator](): Iterator<Breaker> {
    return this.states[Symbol.iterator]();
  }

  get keyed(): ReadonlyMap<string, Breaker> {
    return new Map(this.states.entries?.());
  }

  find(key: string): Breaker | undefined {
    return this.states.find?.(key);
  }

  /** The key of a call, or its receiver. */
  #partOf(self: unknown, args: Args): unknown {
    const { settings, name } = this.operation;
    const { key } = settings!.options;
    return key === undefined ? receiverOf(self) : keyOfCall(key, name, self, args);
  }
}

function groupOf(operation: Operation): BreakerGroup {
  const { name, registry, settings } = operation;
  const create = (key?: string): Breaker => new Breaker(undefined, { name, key, settings: operation.settings!, sink: registry.events });
  const created = (breaker: Breaker): void => {
    for (const observer of registry.observers) observer.breakerMade?.(operation, breaker);
  };
  const { key, scope } = settings!.options;
  if (key !== undefined) return new Breakers(operation, byKey(operation, create, created));
  return scope === 'instance' ? new Breakers(operation, new InstanceStates(create, created)) : create();
}

/** The breaker of a key, made when it is not there; undefined when there is no room for it, and when the operation has no keys. */
export function obtain({ group }: Operation, key: string): Breaker | undefined {
  const { states } = group as Partial<Breakers>;
  if (states?.find !== undefined) states.get(key);
  return group.find?.(key);
}

/** Lets breakers take over the settings of their operation. @param changed - Options that none of them keeps for itself any more. */
function configure({ group, breakers, settings }: Operation, changed: BreakerOptions): void {
  (group as Partial<Breakers>).states?.trim?.();
  for (const breaker of breakers) {
    const local = (breaker.local &&= without(breaker.local, changed));
    adopt(breaker, local === undefined ? settings! : breakerSettings([...settings!.levels, local], breaker.name));
  }
}

/** One breaker per key, bounded: one that is open, or has calls in flight, stays. */
function byKey(operation: Operation, create: (key?: string) => Breaker, created: (breaker: Breaker) => void): KeyedStates<Breaker> {
  return new KeyedStates({
    operation: operation.name,
    noun: 'breaker',
    get maxKeys() {
      return operation.settings!.options.maxKeys;
    },
    get idleMs() {
      return operation.settings!.options.idleKeys;
    },
    get age() {
      return operation.settings!.age;
    },
    create,
    created,
    isIdle: (breaker, usedAtMs, nowMs) => isFree(breaker, usedAtMs, nowMs - operation.settings!.options.idleKeys),
  });
}

/** Whether nothing is lost with a breaker: closed, or its open time ended before `sinceMs`; no override, no call in flight. */
function isFree({ inFlight, override, current }: Breaker, usedAtMs: number, sinceMs: number): boolean {
  if (inFlight > 0 || override !== undefined) return false;
  // A half-open one was used after its open time had ended.
  return current.kind === 'closed' || (isOpen(current) ? current.untilMs : usedAtMs) <= sinceMs;
}

/** The name of an operation, and what belongs to one site, cannot be a default for all operations. */
export const defaultsSchema = /* @__PURE__ */ constrained(ownSchema, (given, blame) => {
  for (const name of ['key', ...OF_THE_SITE]) {
    if (propertyOf(given, name) !== undefined) blame(name, __DEV__ && 'is said where a function is protected, and cannot be a default');
  }
  if (given.scope === 'instance') blame('scope', __DEV__ && "'instance' is said where a method is protected, and cannot be a default");
});

const registryDefaults = /* @__PURE__ */ options({ defaults: defaultsSchema });

/** Lets operations have breakers. */
export function bringBreakers(): void {
  equipment.breakers ??= groupOf;
  equipment.configure ??= configure;
  equipment.settings ??= (sources, name) => {
    for (const source of sources) {
      // Checked at their first use, for a registry does not know the options of breakers.
      if (source.unchecked !== undefined) resolve(registryDefaults, { defaults: source.unchecked }, 'new BreakerRegistry');
      source.unchecked = undefined;
    }
    return breakerSettings(sources.map(({ options }) => options), name);
  };
}
