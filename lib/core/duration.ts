import ms from 'ms';

/**
 * A length of time: a number of milliseconds, or a string with a unit such as `'250ms'`, `'60s'`, `'5m'`, `'1.5h'`, `'1d'`.
 *
 * The type stands on its own: were it made of the types of `ms`, it would silently become `any`
 * for a user who has not installed them.
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const WITH_UNIT = /^-?\d+(\.\d+)?(ms|s|m|h|d)$/;

/** Milliseconds of a duration; `NaN` for anything that is none. */
export function toMs(duration: unknown): number {
  if (typeof duration === 'number') return duration;
  if (typeof duration !== 'string' || !WITH_UNIT.test(duration)) return Number.NaN;
  // `ms` has no answer, which its types do not say, for a text of more than a hundred characters.
  const parsed: number | undefined = ms(duration as ms.StringValue);
  return parsed ?? Number.NaN;
}

/** A duration for people: `450 ms`, `12 s`, `3 min`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.ceil(durationMs)} ms`;
  if (durationMs < 120_000) return `${Math.ceil(durationMs / 1000)} s`;
  if (durationMs < 7_200_000) return `${Math.ceil(durationMs / 60_000)} min`;
  return `${Math.ceil(durationMs / 3_600_000)} h`;
}
