import { finalizers, weakRef, type Ref } from '../core/platform';
import type { OperationTable } from './operation-table';
import type { Site } from './site';

/** Sites whose name is not known yet, as that of a class in the making. Decorators bring them. */
export class ExpectedSites {
  readonly #sites = new Set<Ref<Site>>();
  readonly #collected = finalizers<Ref<Site>>((ref) => this.#sites.delete(ref));

  constructor(private readonly table: OperationTable) {}

  /** Registers a site as soon as its name can be known, at the latest when somebody looks. */
  add(site: Site): void {
    const ref = weakRef(site);
    site.expectedBy = this;
    this.#sites.add(ref);
    this.#collected.register(site, ref);
  }

  /** Registers those whose names can be known by now. */
  register(): void {
    for (const ref of [...this.#sites]) {
      const site = ref.deref();
      const isExpected = site?.expectedBy === this;
      if (isExpected && site.baseName === undefined) continue;
      this.#sites.delete(ref);
      if (isExpected && site.resolvedName === undefined) this.table.register(site);
    }
  }
}

/** Takes the registration of a site back: of an operation that no other site shares, the whole. */
export function release(site: Site): void {
  const { home, registrations } = site;
  const registration = registrations.get(home);
  site.expectedBy = undefined;
  registrations.delete(home);
  if (registration !== undefined) home.table.leave(registration.operation);
}

/** Registers a site of a class where it was made, as soon as its name can be known. */
export function announce(site: Site): void {
  const { table } = site.home;
  if (site.explicitName !== undefined) site.register();
  else if (site.expectedBy === undefined || site.expectedBy !== table.expected) (table.expected ??= new ExpectedSites(table)).add(site);
}
