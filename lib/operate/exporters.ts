import { shared } from '../core/shared';
import type { Place } from '../registry/place';

/** An exporter of a registry, which has been started and not ended. */
interface Exporter {
  readonly kind: string;
  /** Where it exports to: a logger, a register. */
  readonly target: object;
  readonly place: Place | undefined;
  /** Whether a registry has only one of its kind: two of one place are two loads of it. */
  readonly isSingle?: boolean;
  readonly end: () => void;
}

/** By registry. Those of other copies of the package are among them: a test runner that resets its modules makes another copy. */
const running = shared('exporters', () => new WeakMap<object, Set<Exporter>>());

/** Ends the exporters of a kind that go to the same target, or were started at a place that is evaluated again: nothing is to be told twice. */
export function endReplaced(registry: object, { kind, target, place, isSingle }: Omit<Exporter, 'end'>): void {
  for (const one of running.get(registry) ?? []) {
    const isReplaced = one.target === target || isAgain(place, one.place, isSingle);
    if (one.kind === kind && isReplaced) one.end();
  }
}

/** Whether an exporter is started once more where an earlier one was. A production build knows no places. */
function isAgain(place: Place | undefined, earlier: Place | undefined, isSingle = false): boolean {
  if (!__DEV__ || place === undefined || earlier === undefined) return false;
  return place.isAgain(earlier) || (isSingle && place.load !== undefined && place.isSameAs(earlier));
}

/**
 * Starts an exporter; one that it replaces is ended first.
 *
 * @param start - Gives what ends it.
 * @returns What ends it, once.
 */
export function startExporter(registry: object, traits: Omit<Exporter, 'end'>, start: () => () => void): () => void {
  endReplaced(registry, traits);
  const stop = start();
  const exporters = running.get(registry) ?? new Set<Exporter>();
  running.set(registry, exporters);
  const exporter: Exporter = {
    ...traits,
    end() {
      if (exporters.delete(exporter)) stop();
    },
  };
  exporters.add(exporter);
  return exporter.end;
}
