/** The value below which the share `q` of the values lies, between neighbours in proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('No values');
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** A figure and how far it is to be trusted: half of all rounds lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/**
 * How many times as long one takes as the other, by the rounds' ratios: what slowed the machine down in a round slowed
 * both of them down.
 */
export function ratio(values: readonly number[], reference: readonly number[]): Spread {
  if (values.length !== reference.length) throw new RangeError('Samples of different rounds');
  const ratios = values.map((value, round) => value / reference[round]!);
  return { median: median(ratios), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}
