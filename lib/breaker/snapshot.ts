import * as v from 'valibot';
import { wallTime } from '../core/clock';
import { atLeast, constrained, flag, integer, oneOf, options, resolve, text } from '../core/options';
import { describeThrown } from '../core/thrown';
import type { Breaker } from './breaker';
import { announce, overrideOf, placeOverride } from './override';
import { Closed, isOpen, Open } from './states';
import { tripRule } from './trip-rules';

/** JSON has no infinity. */
const unbounded = () =>
  v.pipe(
    v.custom<number | 'Infinity'>(
      (input) => input === 'Infinity' || (Number.isFinite(input) && (input as number) >= 0),
      `must be a number >= 0, or 'Infinity'`,
    ),
    v.transform((given: number | 'Infinity') => Number(given)),
  );

const count = () => integer(0);

const bucket = constrained(options({ age: atLeast(0), calls: count(), failures: count(), slow: count() }), (given, blame) => {
  for (const part of ['failures', 'slow'] as const) {
    if ((given[part] ?? 0) > (given.calls ?? Infinity)) blame(part, `must not be above calls (${given.calls})`);
  }
});

const counters = { successes: count(), failures: count(), ignored: count(), rejected: count(), late: count(), slow: count(), opens: count() };

const snapshotEntries = {
  version: v.custom<1>((input) => input === 1, 'must be 1, the version that this breaker-box reads'),
  name: text(),
  key: v.optional(text()),
  /** Epoch milliseconds. */
  takenAt: atLeast(0),
  epoch: integer(1),
  state: oneOf('closed', 'open', 'half_open'),
  failureCount: count(),
  /** How often the circuit has opened again since it was last closed. */
  reopenings: count(),
  /** Of a circuit that is not closed: when it opened (epoch milliseconds), how long it is to stay open, how long it has been, whether slow calls opened it. */
  open: v.optional(options({ openedAt: atLeast(0), openTime: unbounded(), elapsed: atLeast(0), bySlowness: v.optional(flag()) })),
  /** Outcomes of the closed period. */
  period: options({ successes: count(), failures: count() }),
  window: v.optional(
    v.lazy((given) =>
      (given as { type?: unknown } | null)?.type === 'time'
        ? options({ type: oneOf('time'), buckets: v.array(bucket, 'must be a list') })
        : options({
            type: oneOf('count', 'time'),
            outcomes: v.custom<string>((input) => typeof input === 'string' && /^[0-3]*$/.test(input), 'must be digits from 0 to 3'),
          }),
    ),
  ),
  /** What a trip rule of the user's own has counted. */
  rule: v.optional(v.custom<object>((input) => typeof input === 'object' && input !== null, 'must be an object')),
  override: v.optional(
    options({ kind: oneOf('forced_open', 'disabled', 'shadow'), remaining: unbounded(), reason: v.optional(text()) }),
  ),
  stats: options(counters),
  lastError: v.optional(options({ name: text(), message: text() })),
};

const snapshotSchema = constrained(options(snapshotEntries), ({ state, open }, blame) => {
  if (state === 'closed' && open !== undefined) blame('open', 'goes with another state than closed');
  if ((state === 'open' || state === 'half_open') && open === undefined) blame('open', `must be there: state is ${state}`);
});

/** A breaker's whole state as plain JSON, versioned. */
export type BreakerSnapshot = v.InferInput<typeof snapshotSchema>;

export function snapshotOf(breaker: Breaker): BreakerSnapshot {
  const nowMs = breaker.ageNow();
  const { closed, current, lastError } = breaker;
  const { successes, failures, ignored, rejected, late, slow, opens } = breaker;
  const override = breaker.override === undefined ? undefined : overrideOf(breaker);
  return {
    version: 1,
    name: breaker.name,
    ...(breaker.key !== undefined && { key: breaker.key }),
    takenAt: wallTime(breaker.clock),
    epoch: breaker.generation,
    state: breaker.ownState(),
    failureCount: breaker.failureCount,
    reopenings: breaker.reopenings,
    ...(current.kind !== 'closed' && { open: openPart(breaker, nowMs) }),
    period: { successes: closed.successes, failures: closed.failures },
    ...rulePart(breaker, nowMs),
    ...(override !== undefined && {
      override: {
        kind: override.kind,
        remaining: toJson(override.untilMs === Infinity ? Infinity : override.untilMs - nowMs),
        ...(override.reason !== undefined && { reason: override.reason }),
      },
    }),
    stats: { successes, failures, ignored, rejected, late, slow, opens },
    ...(lastError !== undefined && { lastError: nameAndMessage(lastError) }),
  };
}

function rulePart({ closed, options: { tripRule: own } }: Breaker, nowMs: number): Pick<BreakerSnapshot, 'window' | 'rule'> {
  const content = closed.rule.snapshot?.(nowMs);
  if (content === undefined) return {};
  return own === undefined ? { window: content as BreakerSnapshot['window'] } : { rule: content };
}

function nameAndMessage(error: unknown): { name: string; message: string } {
  const { name, message } = describeThrown(error);
  return { name, message };
}

function openPart({ current, openedAt = 0, isOpenedBySlowness }: Breaker, nowMs: number): NonNullable<BreakerSnapshot['open']> {
  const cause = isOpenedBySlowness ? { bySlowness: true } : {};
  if (isOpen(current)) {
    return { openedAt, openTime: toJson(current.openTimeMs), elapsed: Math.max(0, nowMs - current.openedAtMs), ...cause };
  }
  // Half open: its probes do not survive the snapshot. It restores as open, with its time elapsed.
  return { openedAt, openTime: 0, elapsed: 0, ...cause };
}

/** Checks a snapshot. @throws {@link ConfigurationError} */
export function readSnapshot(snapshot: unknown, subject: string): v.InferOutput<typeof snapshotSchema> {
  return resolve(snapshotSchema, snapshot, subject);
}

/**
 * Takes up a snapshot's state, aged by the wall-clock time since it was taken. Permits in flight become late.
 *
 * @throws {@link ConfigurationError} when it is malformed or of a newer version; then nothing has changed.
 */
export function restoreTo(breaker: Breaker, snapshot: unknown): void {
  const saved = readSnapshot(snapshot, `restore of ${breaker.name}`);
  const nowMs = breaker.ageNow();
  const gapMs = Math.max(0, wallTime(breaker.clock) - saved.takenAt);
  const rule = tripRule(breaker.options, breaker);
  const content = breaker.options.tripRule === undefined ? saved.window : saved.rule;
  if (content !== undefined) rule.restore?.(content, nowMs, gapMs);

  const { open, override } = saved;
  const remainingMs = override === undefined ? 0 : override.remaining - gapMs;
  const before = breaker.front?.active;
  const own = override !== undefined && remainingMs > 0 ? { kind: override.kind, untilMs: nowMs + remainingMs, reason: override.reason } : undefined;

  Object.assign(breaker, saved.stats);
  breaker.consecutiveFailures = saved.failureCount;
  breaker.reopenings = saved.reopenings;
  breaker.rememberFailure(saved.lastError && Object.assign(new Error(saved.lastError.message), { name: saved.lastError.name }));
  breaker.openedAt = open?.openedAt;
  breaker.generation = Math.max(breaker.generation, saved.epoch);
  const closed = Object.assign(new Closed(breaker, rule), saved.period);
  breaker.closed = closed;
  placeOverride(breaker, own);
  const state = open === undefined ? closed : new Open(breaker, nowMs - open.elapsed - gapMs, open.openTime, 0);
  breaker.outage = isOpen(state) ? { sinceMs: state.openedAtMs, rejectedBefore: breaker.rejected, bySlowness: open?.bySlowness === true } : undefined;
  breaker.enter(state, 'restored');
  // Unless a listener of the transition has set another one by now.
  if (own !== before && overrideOf(breaker) === own) announce(breaker, own);
}

function toJson(value: number): number | 'Infinity' {
  return value === Infinity ? 'Infinity' : value;
}
