/** A length of time: a number of milliseconds, or a string with a unit such as `'250ms'`, `'60s'`, `'5m'`, `'1.5h'`, `'1d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Short enough that the number cannot overflow to infinity. */
const WITH_UNIT = /^(?=.{1,100}$)(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration; `NaN` for anything that is none. */
export function toMs(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  const [, amount, unit] = (typeof duration === 'string' && WITH_UNIT.exec(duration)) || [];
  return Number(amount) * UNITS_MS[unit!]!;
}

/** A duration for people: `450 ms`, `12 s`, `3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)} ms`;
  if (durationMs < 120_000) return `${Math.ceil(durationMs / 1000)} s`;
  if (durationMs < 7_200_000) return `${Math.ceil(durationMs / 60_000)} min`;
  return `${Math.ceil(durationMs / 3_600_000)} h`;
}
