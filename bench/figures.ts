/** Rounded, in groups of three digits. */
export function grouped(figure: number): string {
  return (Math.round(figure) + 0).toLocaleString('en-US'); // + 0: no minus before a zero
}

/** A figure with its unit; small ones with a digit after the point. */
export function unitOf(figure: number, unit: string): string {
  return `${Math.abs(figure) < 10 ? figure.toFixed(1) : grouped(figure)} ${unit}`;
}
