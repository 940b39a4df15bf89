import { wallTime } from '../core/clock';
import { choice, constrained, list, mapped, optional, options, resolve, when, type Check, type Checked } from '../core/check';
import { atLeast, flag, integer, oneOf, text } from '../core/options';
import { describeThrown } from '../core/safe-inspect';
import type { Breaker } from './breaker';
import { announce, overrideOf, placeOverride } from './override';
import { Closed, enter, isOpen, Open } from './states';
import { tripRule } from './trip-rules';

const unbounded = () =>
  mapped(
    when<number | 'Infinity'>(
      (given) => given === 'Infinity' || (Number.isFinite(given) && (given as number) >= 0),
      __DEV__ && `must be a number >= 0, or 'Infinity'`,
    ),
    Number,
  );

const count = () => integer(0);

const bucket = /* @__PURE__ */ constrained(/* @__PURE__ */ options({ age: atLeast(0), calls: count(), failures: count(), slow: count() }), (given, blame) => {
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
  /** What a trip rule of the user's own has counted. */
  rule: optional(when<object>((given) => typeof given === 'object' && given !== null, __DEV__ && 'must be an object')),
  override: optional(
    options({ kind: oneOf('forced_open', 'disabled', 'shadow'), remaining: unbounded(), reason: optional(text()) }),
  ),
  stats: options(counters),
  lastError: optional(options({ name: text(), message: text() })),
};

const snapshotSchema = /* @__PURE__ */ constrained(/* @__PURE__ */ options(snapshotEntries), ({ state, open }, blame) => {
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
  /** What a trip rule of the user's own has counted. */
  rule?: object | undefined;
  override?: { kind: 'forced_open' | 'disabled' | 'shadow'; remaining: JsonNumber; reason?: string | undefined } | undefined;
  stats: { successes: number; failures: number; ignored: number; rejected: number; late: number; slow: number; opens: number };
  lastError?: { name: string; message: string } | undefined;
}

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

function openPart({ current, openedAt = 0, outage }: Breaker, nowMs: number): NonNullable<BreakerSnapshot['open']> {
  const cause = outage?.bySlowness === true ? { bySlowness: true } : {};
  if (isOpen(current)) {
    return { openedAt, openTime: toJson(current.openTimeMs), elapsed: Math.max(0, nowMs - current.openedAtMs), ...cause };
  }
  // Half open: its probes do not survive the snapshot. It restores as open, with its time elapsed.
  return { openedAt, openTime: 0, elapsed: 0, ...cause };
}

/** Checks a snapshot. @throws {@link ConfigurationError} */
export function readSnapshot(snapshot: unknown, subject: string): Checked<typeof snapshotSchema> {
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
  breaker.streak = saved.failureCount;
  breaker.reopenings = saved.reopenings;
  breaker.rememberFailure(saved.lastError && Object.assign(new Error(saved.lastError.message), { name: saved.lastError.name }));
  breaker.openedAt = open?.openedAt;
  breaker.generation = Math.max(breaker.generation, saved.epoch);
  const closed = Object.assign(new Closed(breaker, rule), saved.period);
  breaker.closed = closed;
  placeOverride(breaker, own);
  const state = open === undefined ? closed : new Open(breaker, nowMs - open.elapsed - gapMs, open.openTime, 0);
  breaker.outage = isOpen(state) ? { sinceMs: state.openedAtMs, rejectedBefore: breaker.rejected, bySlowness: open?.bySlowness === true } : undefined;
  enter(breaker, state, 'restored');
  // Unless a listener of the transition has set another one by now.
  if (own !== before && overrideOf(breaker) === own) announce(breaker, own);
}

function toJson(value: number): number | 'Infinity' {
  return value === Infinity ? 'Infinity' : value;
}
