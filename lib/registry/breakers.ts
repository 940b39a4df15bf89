import { type Args, type Call, receiverOf } from '../core/call';
import { constrained } from '../core/check';
import { ConfigurationError } from '../core/errors';
import { KeyedStates, keyOfCall } from '../core/keyed-states';
import type { Permit, Refusal } from '../core/policy';
import { Breaker } from '../breaker/breaker';
import { adopt, beginGeneration } from '../breaker/configure';
import { breakerSettings, levelProblems, levelSchema, type BreakerOptions, type BreakerSettings } from '../breaker/options';
import { isOpen } from '../breaker/states';
import { without } from './config';
import { equipment, type BreakerGroup } from './group';
import { InstanceStates } from './instance-states';
import type { Operation } from './operation';

/** The breakers of one operation: one, one per key, or one per instance. As a guard: each attempt asks that of its key, or of its receiver. */
class Breakers implements BreakerGroup {
  readonly single: Breaker | undefined;
  readonly #byKey: KeyedStates<Breaker> | undefined;
  readonly #byInstance: InstanceStates<Breaker> | undefined;
  /** The breaker that admitted nothing just now: `deny` follows at once, and must not ask for the key again. */
  #denying: Breaker | undefined;

  constructor(private readonly operation: Operation) {
    const create = (key?: string): Breaker => new Breaker(undefined, { name: operation.name, key, settings: this.#settings, sink: operation.registry.events });
    const created = (breaker: Breaker): void => {
      operation.registry.breakerMade(operation, breaker);
    };
    const { key, scope } = this.#settings.options;
    if (key !== undefined) this.#byKey = byKey(operation, create, created);
    else if (scope === 'instance') this.#byInstance = new InstanceStates(create, created);
    else this.single = create();
  }

  /** @throws {@link ConfigurationError} when the call has no key. */
  admit(call: Call, self: unknown, args: Args): Permit | undefined {
    const breaker = this.single ?? this.#byInstance?.get(receiverOf(self)) ?? this.#byKey!.get(this.#keyOf(self, args));
    const permit = breaker.admit(call);
    if (permit === undefined) this.#denying = breaker;
    return permit;
  }

  deny(call: Call, self: unknown, args: Args, mayWait?: boolean): Refusal | Promise<Permit | Refusal> {
    const breaker = this.#denying!;
    this.#denying = undefined;
    return breaker.deny(call, self, args, mayWait);
  }

  /** A breaker that is not there yet blocks nothing; a key that is wrong is said to the call that needs it. */
  blockedMs(self: unknown, args: Args): number {
    try {
      const breaker = this.single ?? this.#byInstance?.peek(receiverOf(self)) ?? this.#byKey?.peek(this.#keyOf(self, args));
      return breaker?.blockedMs() ?? 0;
    } catch {
      return 0;
    }
  }

  [Symbol.iterator](): Iterator<Breaker> {
    return (this.#byKey ?? this.#byInstance ?? [this.single!])[Symbol.iterator]();
  }

  get keyed(): ReadonlyMap<string, Breaker> {
    return new Map(this.#byKey?.entries());
  }

  find(key: string): Breaker | undefined {
    return this.#byKey?.find(key);
  }

  obtain(key: string): Breaker | undefined {
    this.#byKey?.get(key);
    return this.find(key);
  }

  configure(changed: BreakerOptions): void {
    const settings = this.#settings;
    this.#byKey?.trim();
    for (const breaker of this) {
      const local = (breaker.local &&= without(breaker.local, changed));
      adopt(breaker, local === undefined ? settings : breakerSettings([...settings.levels, local], breaker.name));
    }
  }

  beginGeneration(): void {
    if (__DEV__) for (const breaker of this) beginGeneration(breaker);
  }

  get #settings(): BreakerSettings {
    return this.operation.settings!;
  }

  #keyOf(self: unknown, args: Args): string {
    return keyOfCall(this.#settings.options.key!, this.operation.name, self, args);
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
export const defaultsSchema = /* @__PURE__ */ constrained(levelSchema, (given, blame) => {
  for (const name of ['name', 'key', 'stream', 'registry', 'signal', 'allow'] as const) {
    if (given[name] !== undefined) blame(name, __DEV__ && 'is said where a function is protected, and cannot be a default');
  }
  if (given.scope === 'instance') blame('scope', __DEV__ && "'instance' is said where a method is protected, and cannot be a default");
});

/** Defaults of registries that are right: they are checked at their first use, for a registry does not know the options of breakers. */
const checked = /* @__PURE__ */ new WeakSet<object>();

function checkDefaults(defaults: BreakerOptions): void {
  if (checked.has(defaults)) return;
  const issues = levelProblems(defaults, defaultsSchema).map((issue) => ({ ...issue, path: ['defaults', issue.path].filter(Boolean).join('.') }));
  if (issues.length > 0) throw new ConfigurationError('new BreakerRegistry', issues);
  checked.add(defaults);
}

/** Lets operations have breakers. */
export function bringBreakers(): void {
  equipment.breakers ??= (operation) => new Breakers(operation);
  equipment.settings ??= (sources, name) => {
    for (const { unchecked } of sources) if (unchecked !== undefined) checkDefaults(unchecked);
    return breakerSettings(sources.map(({ options }) => options), name);
  };
}
