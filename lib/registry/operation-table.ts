import { OperationConflictError } from '../core/errors';
import { finalizers, weakRef, type Ref } from '../core/platform';
import { drop } from '../breaker/ready';
import type { ExpectedSites } from './expected-sites';
import { Leaks, MOST_DERIVED } from './leaks';
import { Operation, type Owner } from './operation';
import { Place } from './place';
import type { BreakerRegistry } from './registry';
import type { Site } from './site';

/** The operations that have one derived name, with or without a number. */
interface Family {
  live: number;
  last: number;
}

/** The operations of a registry by name, and the rules of who gets which name. */
export class OperationTable {
  /** Derived names leave with their operation, which only its wrapper holds; explicit names stay. */
  readonly #operations = new Map<string, Ref<Operation>>();
  readonly #families = new Map<string, Family>();
  readonly #collected = finalizers<{ name: string; base: string | undefined; ref: Ref<Operation> }>(({ name, base, ref }) => {
    this.#forget(name, base, ref);
  });
  /** Sites whose name is not known yet; looked at again whenever somebody asks. */
  expected: ExpectedSites | undefined;
  readonly #leaks = __DEV__ ? new Leaks() : undefined;
  readonly #registry: BreakerRegistry;

  constructor(registry: BreakerRegistry) {
    this.#registry = registry;
  }

  /** The operation of a name. */
  get(name: string): Operation | undefined {
    this.expected?.register();
    return this.#find(name);
  }

  *[Symbol.iterator](): Iterator<Operation> {
    this.expected?.register();
    for (const ref of [...this.#operations.values()]) {
      const operation = ref.deref();
      if (operation?.isLive === true) yield operation;
    }
  }

  /** Adds an operation that belongs to no site: the first site of its name adopts it. */
  add(operation: Operation): void {
    this.#hold(operation);
    this.#registry.registered(operation);
  }

  /** Removes an operation. A site of it that is called again registers anew. */
  delete(name: string): boolean {
    const operation = this.get(name);
    if (operation === undefined) return false;
    this.#collected.unregister(operation);
    operation.isLive = false;
    operation.expire();
    this.#forget(name, operation.base, this.#operations.get(name)!);
    operation.breakers.forEach(drop);
    return true;
  }

  /**
   * The operation of a site, registered when it is new. Undefined while its name cannot be known.
   *
   * @throws {@link OperationConflictError}
   */
  register(site: Site): Operation | undefined {
    const registration = site.registrations.get(this.#registry);
    if (registration?.operation.isLive === true) {
      const { operation, generation } = registration;
      // Of an older evaluation, it has nothing to say any more, and goes on being protected.
      if (!__DEV__ || generation === operation.places!.generation) operation.share(site.breakerOptions, site.place);
      return operation;
    }
    const name = site.baseName;
    return name === undefined ? undefined : this.#register(site, name, site.explicitName === undefined);
  }

  /** A site has left an operation; the last one takes it along. */
  leave(operation: Operation): void {
    if (operation.isLive && --operation.sites === 0) this.delete(operation.name);
  }

  #register(site: Site, name: string, isDerived: boolean): Operation {
    const known = this.#find(name);
    const isUnowned = known?.sites === 0;
    const operation = isDerived && !isUnowned ? __DEV__ && evaluatedBefore(site, name, this.#families.get(name)?.last, (one) => this.#find(one)) : known;
    if (!operation) return this.#create(site, name, isDerived);
    if (!isDerived && operation.owner !== undefined && operation.owner !== site) throw ownedBy(operation.owner, name, site);
    if (isUnowned && site.breakerOptions !== undefined) {
      operation.adopt(site.breakerOptions);
      if (__DEV__) operation.places!.note(site.place ?? Place.unknown(), true);
    } else operation.shareOrRenew(site.breakerOptions, site.place);
    if (isDerived) operation.owner = site;
    return this.#join(site, operation);
  }

  #create(site: Site, base: string, isDerived: boolean): Operation {
    const name = isDerived ? this.#freeName(base) : base;
    const operation = new Operation(name, this.#registry, site.breakerOptions, isDerived ? site : undefined, isDerived ? base : undefined);
    if (__DEV__) operation.places!.note(site.place ?? Place.unknown(), site.breakerOptions !== undefined);
    this.#hold(operation);
    this.#join(site, operation);
    // Last, for a listener may call the site, which must find itself registered.
    this.#registry.registered(operation);
    return operation;
  }

  #join(site: Site, operation: Operation): Operation {
    site.resolvedName ??= operation.name;
    site.registrations.set(this.#registry, { operation, generation: operation.places?.generation ?? 0 });
    operation.sites++;
    return operation;
  }

  #hold(operation: Operation): void {
    const { name, base } = operation;
    const ref = base === undefined ? operation : weakRef(operation);
    this.#operations.set(name, ref);
    if (base !== undefined) this.#collected.register(operation, { name, base, ref }, operation);
    else if (__DEV__) this.#leaks!.addExplicit(name);
  }

  #forget(name: string, base: string | undefined, ref: Ref<Operation>): void {
    const family = this.#families.get(base!);
    if (family !== undefined && --family.live === 0) this.#families.delete(base!);
    if (__DEV__ && base === undefined) this.#leaks!.removeExplicit();
    // Another site may have taken the name before the finalizer ran.
    if (this.#operations.get(name) !== ref) return;
    this.#operations.delete(name);
    this.#registry.emitRegistration('remove', name);
  }

  /** A derived name that is free: itself, then `#2`, `#3` …, so that two sites never share a breaker by accident. */
  #freeName(base: string): string {
    const family = this.#families.get(base) ?? { live: 0, last: 1 };
    this.#families.set(base, family);
    family.live++;
    let name = base;
    // The name itself may be free again: after its operation was deleted, or collected.
    while (this.#find(name) !== undefined) name = `${base}#${++family.last}`;
    if (__DEV__) this.#leaks!.noteDerived(base, family.live);
    return name;
  }

  #find(name: string): Operation | undefined {
    return this.#operations.get(name)?.deref();
  }
}

function ownedBy({ place }: Owner, name: string, site: Site): OperationConflictError {
  const places = __DEV__ && `, at ${(place ?? Place.unknown()).describe(site.place)}; this one is at ${(site.place ?? Place.unknown()).describe(place)}`;
  return new OperationConflictError(name, `another site has it as a derived name${places || ''}`);
}

/** The operation of a derived name whose site is evaluated again now. Several of one base are found in the order of their numbers. */
function evaluatedBefore({ place }: Site, base: string, last = 0, find: (name: string) => Operation | undefined): Operation | undefined {
  const names = Array.from({ length: Math.min(last, MOST_DERIVED) }, (_, index) => (index === 0 ? base : `${base}#${index + 1}`));
  return names.map(find).find((operation) => operation?.owner?.place !== undefined && place?.isAgain(operation.owner.place) === true);
}
