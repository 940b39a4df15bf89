import { wallTime } from '../core/clock';
import { choice, constrained, list, mapped, optional, options, resolve, when, type Check, type Checked } from '../core/check';
import { atLeast, flag, integer, oneOf, text } from '../core/options';
import { describeThrown } from '../core/thrown';
import { ClosedEpoch } from './closed-epoch';
import type { Machine } from './machine';
import { isOpen, OpenEpoch } from './open-epoch';
import { makeWindow } from './options';

const unbounded = () =>
  mapped(
    when<number | 'Infinity'>(
      (given) => given === 'Infinity' || (Number.isFinite(given) && (given as number) >= 0),
      __DEV__ && `must be a number >= 0, or 'Infinity'`,
    ),
    Number,
  );

const count = () => integer(0);

const bucket = constrained(options({ age: atLeast(0), calls: count(), failures: count(), slow: count() }), (given, blame) => {
  for (const part of ['failures', 'slow'] as const) {
    if ((given[part] ?? 0) > (given.calls ?? Infinity)) blame(part, __DEV__ && `must not be above calls (${given.calls})`);
  }
});

const counters = { successes: count(), failures: count(), ignored: count(), rejected: count(), late: count(), slow: count(), opens: count() };

const snapshotEntries = {
  version: when<1>((input) => input === 1, __DEV__ && 'must be 1, the version that this breaker-box reads'),
  name: text(),
  key: optional(text()),
  takenAt: atLeast(0),
  epoch: integer(1),
  state: oneOf('closed', 'open', 'half_open'),
  failureCount: count(),
  reopenings: count(),
  open: optional(options({ openedAt: atLeast(0), openTime: unbounded(), elapsed: atLeast(0), bySlowness: optional(flag()) })),
  period: options({ successes: count(), failures: count() }),
  window: optional(
    choice((given): Check<BreakerSnapshot['window']> =>
      (given as { type?: unknown } | null)?.type === 'time'
        ? options({ type: oneOf('time'), buckets: list(bucket, __DEV__ && 'must be a list') })
        : options({
            type: oneOf('count', 'time'),
            outcomes: when<string>((input) => typeof input === 'string' && /^[0-3]*$/.test(input), __DEV__ && 'must be digits from 0 to 3'),
          }),
    ),
  ),
  override: optional(
    options({ kind: oneOf('forced_open', 'disabled', 'shadow'), remaining: unbounded(), reason: optional(text()) }),
  ),
  stats: options(counters),
  lastError: optional(options({ name: text(), message: text() })),
};

const snapshotSchema = constrained(options(snapshotEntries), ({ state, open }, blame) => {
  if (state === 'closed' && open !== undefined) blame('open', __DEV__ && 'goes with another state than closed');
  if ((state === 'open' || state === 'half_open') && open === undefined) blame('open', __DEV__ && `must be there: state is ${state}`);
});

/** JSON has no infinity. */
type JsonNumber = number | 'Infinity';

/** A breaker's whole state as plain JSON, versioned. Times are in milliseconds. */
export interface BreakerSnapshot {
  version: 1;
  name: string;
  key?: string | undefined;
  /** Epoch milliseconds. */
  takenAt: number;
  epoch: number;
  state: 'closed' | 'open' | 'half_open';
  failureCount: number;
  /** How often the circuit has opened again since it was last closed. */
  reopenings: number;
  /** Of a circuit that is not closed: when it opened (epoch milliseconds), how long it is to stay open, how long it has been, whether slow calls opened it. */
  open?: { openedAt: number; openTime: JsonNumber; elapsed: number; bySlowness?: boolean | undefined } | undefined;
  /** Outcomes of the closed period. */
  period: { successes: number; failures: number };
  window?:
    | { type: 'time'; buckets: { age: number; calls: number; failures: number; slow: number }[] }
    | { type: 'count' | 'time'; outcomes: string }
    | undefined;
  override?: { kind: 'forced_open' | 'disabled' | 'shadow'; remaining: JsonNumber; reason?: string | undefined } | undefined;
  stats: { successes: number; failures: number; ignored: number; rejected: number; late: number; slow: number; opens: number };
  lastError?: { name: string; message: string } | undefined;
}

export function takeSnapshot(machine: Machine): BreakerSnapshot {
  const nowMs = machine.ageNow();
  const { epoch, period, override, lastError } = machine;
  const { successes, failures, ignored, rejected, late, slow, opens } = machine;
  const active = machine.activeOverride() === undefined ? undefined : override;
  return {
    version: 1,
    name: machine.operation,
    ...(machine.key !== undefined && { key: machine.key }),
    takenAt: wallTime(machine.clock),
    epoch: epoch.number,
    state: machine.machineState(),
    failureCount: machine.failureCount,
    reopenings: machine.reopenings,
    ...(epoch.state !== 'closed' && { open: openPart(machine, nowMs) }),
    period: { successes: period.successes, failures: period.failures },
    ...(period.window !== undefined && { window: period.window.save(nowMs) as BreakerSnapshot['window'] }),
    ...(active !== undefined && {
      override: {
        kind: active.kind,
        remaining: toJson(active.untilMs === Infinity ? Infinity : active.untilMs - nowMs),
        ...(active.reason !== undefined && { reason: active.reason }),
      },
    }),
    stats: { successes, failures, ignored, rejected, late, slow, opens },
    ...(lastError !== undefined && { lastError: nameAndMessage(lastError) }),
  };
}

function nameAndMessage(error: unknown): { name: string; message: string } {
  const { name, message } = describeThrown(error);
  return { name, message };
}

function openPart({ epoch, openedAt = 0, isOpenedBySlowness }: Machine, nowMs: number): NonNullable<BreakerSnapshot['open']> {
  const cause = isOpenedBySlowness ? { bySlowness: true } : {};
  if (isOpen(epoch)) {
    return { openedAt, openTime: toJson(epoch.openTimeMs), elapsed: Math.max(0, nowMs - epoch.openedAtMs), ...cause };
  }
  // Half open: its probes do not survive the snapshot. It restores as open, with its time elapsed.
  return { openedAt, openTime: 0, elapsed: 0, ...cause };
}

/** Checks a snapshot. @throws {@link ConfigurationError} */
export function readSnapshot(snapshot: unknown, subject: string): Checked<typeof snapshotSchema> {
  return resolve(snapshotSchema, snapshot, subject);
}

/**
 * Takes up a snapshot's state, aged by the wall-clock time since it was taken. It starts a new epoch: permits in flight
 * become late.
 *
 * @throws {@link ConfigurationError} when it is malformed or of a newer version; then nothing has changed.
 */
export function restoreSnapshot(machine: Machine, snapshot: unknown): void {
  const saved = readSnapshot(snapshot, `restore of ${machine.operation}`);
  const nowMs = machine.ageNow();
  const gapMs = Math.max(0, wallTime(machine.clock) - saved.takenAt);
  const number = Math.max(machine.epoch.number, saved.epoch) + 1;

  Object.assign(machine, saved.stats);
  machine.failureCount = saved.failureCount;
  machine.reopenings = saved.reopenings;
  machine.rememberFailure(saved.lastError && Object.assign(new Error(saved.lastError.message), { name: saved.lastError.name }));
  machine.openedAt = saved.open?.openedAt;

  const period = new ClosedEpoch(machine, number, makeWindow(machine.options));
  period.successes = saved.period.successes;
  period.failures = saved.period.failures;
  if (saved.window !== undefined) period.window?.load(saved.window as never, nowMs, gapMs);
  machine.period = period;

  const { open, override } = saved;
  const remainingMs = override === undefined ? 0 : override.remaining - gapMs;
  machine.restore(
    open === undefined ? period : new OpenEpoch(machine, number, nowMs - open.elapsed - gapMs, open.openTime, 0),
    override !== undefined && remainingMs > 0
      ? { kind: override.kind, untilMs: nowMs + remainingMs, reason: override.reason }
      : undefined,
    open?.bySlowness === true,
  );
}

function toJson(value: number): number | 'Infinity' {
  return value === Infinity ? 'Infinity' : value;
}
