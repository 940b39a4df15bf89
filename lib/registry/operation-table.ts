import { OperationConflictError } from '../core/errors';
import { warn } from '../core/warn';
import { finalizers, weakRef, type Ref } from '../core/weak';
import type { BreakerOptions } from '../breaker/options';
import { NameTrust } from './name-trust';
import { DerivedNames } from './names';
import type { Operation } from './operation';
import type { Place } from './place';
import type { Site } from './site';

/** Derived names leave with their operation, which only its wrapper holds; explicit names stay. */
type Held = { readonly strong: Operation } | { readonly weak: Ref<Operation> };

/** Operations of explicit names at which a leak is suspected. */
const MOST_EXPLICIT = 1000;

/** What the table leaves to its registry. */
export interface TableOwner {
  make(name: string, owner: Site | undefined, options: BreakerOptions | undefined): Operation;
  /** Told when an operation is in the table. */
  entered(operation: Operation): void;
  /** Told when an operation has left. */
  left(name: string): void;
}

/** The operations of a registry by name, and the rules of who gets which name. */
export class OperationTable {
  readonly #operations = new Map<string, Held>();
  readonly #derived = new DerivedNames((name) => this.#find(name) !== undefined);
  readonly #collected = finalizers<{ name: string; base: string; held: Held }>((gone) => {
    this.#leave(gone.name, gone.base, gone.held);
  });
  /** Sites whose name is not known yet; looked at again whenever somebody asks. */
  readonly #pending = new Set<Ref<Site>>();
  readonly #pendingRefs = new WeakMap<Site, Ref<Site>>();
  readonly #lost = finalizers<Ref<Site>>((ref) => this.#pending.delete(ref));
  /** Operations that no site has adopted yet. */
  readonly #unowned = new WeakSet<Operation>();
  /** The base of each derived name. */
  readonly #baseOf = new WeakMap<Operation, string>();

  /** Which derived names outlive the process. */
  readonly trust = new NameTrust();
  /** Operations of explicit names, and whether so many were told of. */
  readonly #explicit = { count: 0, isTold: false };

  readonly #owner: TableOwner;

  constructor(owner: TableOwner) {
    this.#owner = owner;
  }

  /** The operation of a name. */
  get(name: string): Operation | undefined {
    this.#enterPending();
    return this.#find(name);
  }

  /** All operations; with a name, the one of that name. */
  *[Symbol.iterator](): Iterator<Operation> {
    this.#enterPending();
    for (const name of [...this.#operations.keys()]) {
      const operation = this.#find(name);
      if (operation !== undefined) yield operation;
    }
  }

  /** Makes an operation that belongs to no site: the first site of its name adopts it. */
  create(name: string, options: BreakerOptions | undefined, place?: Place): Operation {
    const operation = this.#owner.make(name, undefined, options);
    if (place !== undefined) operation.places.note(place, true);
    this.#unowned.add(operation);
    this.#operations.set(name, { strong: operation });
    this.#countExplicit(name);
    this.#owner.entered(operation);
    return operation;
  }

  /**
   * The operation of a name, made when there is none. Options must agree with those that are there.
   *
   * @param place - Where it is asked for; looked for only if something is to be decided.
   * @throws {@link OperationConflictError}
   */
  obtain(name: string, options: BreakerOptions | undefined, place: () => Place): Operation {
    const known = this.get(name);
    if (known === undefined) return this.create(name, options ?? {}, place());
    // It may be asked for in every call: a place costs more than all the rest.
    if (options !== undefined && !known.agreesWith(options)) this.#heed(known, options, place());
    return known;
  }

  /** Removes an operation. A site of it that is called again enters anew. */
  delete(name: string): boolean {
    const operation = this.get(name);
    const held = this.#operations.get(name);
    if (held === undefined || operation === undefined) return false;
    this.#collected.unregister(operation);
    operation.isLive = false;
    operation.expire();
    this.#leave(name, this.#baseOf.get(operation) ?? name, held);
    return true;
  }

  /**
   * The operation of a site, registered when it is new. Undefined while its name cannot be known.
   *
   * @throws {@link OperationConflictError}
   */
  enter(site: Site): Operation | undefined {
    const known = site.entries.get(this);
    if (known?.operation.isLive === true) {
      // Of an older evaluation, it has nothing to say any more, and goes on being protected.
      if (known.generation === known.operation.generation) known.operation.share(site.breakerOptions, site.place);
      return known.operation;
    }
    const name = site.baseName;
    if (name === undefined) return undefined;
    return site.named !== undefined ? this.#enterExplicit(site, name) : this.#enterDerived(site, name);
  }

  /**
   * Lets a site that is in the table already enter again, with another name or other options.
   *
   * @throws {@link OperationConflictError} or {@link ConfigurationError}; the site stays where it was then.
   */
  reenter(site: Site, isRenamed: boolean): void {
    const old = site.entries.get(this);
    if (old?.operation.isLive !== true) return;
    if (isRenamed) site.entries.delete(this);
    try {
      this.enter(site);
    } catch (error) {
      site.entries.set(this, old);
      throw error;
    }
    if (isRenamed) this.#part(old.operation);
  }

  /** Registers a site as soon as its name can be known, at the latest when somebody looks. */
  expect(site: Site): void {
    const ref = weakRef(site);
    this.#pending.add(ref);
    this.#pendingRefs.set(site, ref);
    this.#lost.register(site, ref);
  }

  /** Takes a site's registration back: of an operation that no other site shares, the whole. */
  withdraw(site: Site): void {
    const ref = this.#pendingRefs.get(site);
    if (ref !== undefined) this.#pending.delete(ref);
    const operation = site.entries.get(this)?.operation;
    site.entries.delete(this);
    if (operation?.isLive === true) this.#part(operation);
  }

  /** A site has left an operation; the last one takes it along. */
  #part(operation: Operation): void {
    operation.sites--;
    if (operation.sites === 0) this.delete(operation.name);
  }

  #enterExplicit(site: Site, name: string): Operation {
    site.resolvedName = name;
    const operation = this.#find(name);
    if (operation === undefined) return this.#add(name, site, undefined, name);
    const { owner } = operation;
    if (owner !== undefined && owner !== site) {
      throw new OperationConflictError(name, !__DEV__ ? 'another site has it as a derived name' : `another site has it as a derived name, at ${owner.place.describe(site.place)}; this one is at ${site.place.describe(owner.place)}`);
    }
    this.#adoptOrShare(operation, site);
    return this.#join(site, operation);
  }

  #enterDerived(site: Site, base: string): Operation {
    this.trust.note(site.identifier);
    const operation = this.#find(base);
    if (operation !== undefined && this.#unowned.has(operation)) {
      this.#adoptOrShare(operation, site);
      operation.owner = site;
      site.resolvedName ??= base;
      return this.#join(site, operation);
    }
    const before = this.#evaluatedBefore(site, base);
    if (before !== undefined) {
      before.takeOver(site.breakerOptions, site.place);
      before.owner = site;
      site.resolvedName ??= before.name;
      return this.#join(site, before);
    }
    const name = this.#derived.claim(base);
    site.resolvedName ??= name;
    return this.#add(name, site, site, base);
  }

  /** The operation of a derived name whose site is evaluated again now. Several of one base are found in the order of their numbers. */
  #evaluatedBefore(site: Site, base: string): Operation | undefined {
    if (!__DEV__) return undefined;
    return this.#derived
      .namesOf(base)
      .map((name) => this.#find(name))
      .find((operation) => operation?.owner !== undefined && site.place.isAgain(operation.owner.place));
  }

  #adoptOrShare(operation: Operation, { breakerOptions: options, place }: Site): void {
    if (this.#unowned.has(operation) && options !== undefined) {
      operation.adopt(options);
      operation.places.note(place, true);
    } else this.#heed(operation, options, place);
    this.#unowned.delete(operation);
  }

  /** Takes up what is said of an operation, at another place or once more at one of its own. */
  #heed(operation: Operation, options: BreakerOptions | undefined, place: Place): void {
    if (__DEV__ && operation.places.isAgain(place)) operation.takeOver(options, place);
    else operation.share(options, place);
  }

  /** @param owner - The site, when the name is its own and goes with it. */
  #add(name: string, site: Site, owner: Site | undefined, base: string): Operation {
    const operation = this.#owner.make(name, owner, site.breakerOptions);
    const held: Held = owner === undefined ? { strong: operation } : { weak: weakRef(operation) };
    operation.places.note(site.place, site.breakerOptions !== undefined);
    this.#operations.set(name, held);
    this.#baseOf.set(operation, base);
    if (owner !== undefined) this.#collected.register(operation, { name, base, held }, operation);
    else this.#countExplicit(name);
    this.#join(site, operation);
    // Last, for a listener may call the site, which must find itself entered.
    this.#owner.entered(operation);
    return operation;
  }

  #join(site: Site, operation: Operation): Operation {
    site.entries.set(this, { operation, generation: operation.generation });
    operation.sites++;
    return operation;
  }

  #leave(name: string, base: string, held: Held): void {
    if ('weak' in held) this.#derived.release(base);
    else this.#explicit.count--;
    // Another site may have taken the name before the finalizer ran.
    if (this.#operations.get(name) !== held) return;
    this.#operations.delete(name);
    this.#owner.left(name);
  }

  /** Explicit names are held for good: so many are made at run time, one for each host or tenant. */
  #countExplicit(name: string): void {
    if (++this.#explicit.count < MOST_EXPLICIT || this.#explicit.isTold || !__DEV__) return;
    this.#explicit.isTold = true;
    const message = `${MOST_EXPLICIT} operations have explicit names, '${name}' the last of them, and none of them ever leaves: give what differs from call to call, a host or a tenant, as the \`key\` of one operation, whose breakers are bounded`;
    warn('BREAKER_BOX_LEAK', message);
  }

  #find(name: string): Operation | undefined {
    const held = this.#operations.get(name);
    return held && ('weak' in held ? held.weak.deref() : held.strong);
  }

  #enterPending(): void {
    for (const ref of [...this.#pending]) {
      const site = ref.deref();
      if (site !== undefined && site.baseName === undefined) continue;
      this.#pending.delete(ref);
      if (site !== undefined && site.resolvedName === undefined) this.enter(site);
    }
  }
}
