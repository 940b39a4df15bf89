import { BARE, OURS } from './contenders/names';
import { grouped } from './figures';
import { median, ratio } from './statistics';
import type { Timed, Timings } from './timing';

/** The works that the picture shows, and what it calls them; two panels a row. */
const PANELS: ReadonlyMap<string, string> = new Map([
  ['Closed circuit', 'Circuit breaker, closed'],
  ['Open circuit', 'Circuit breaker, open'],
  ['Retry', 'Retry, first attempt works'],
  ['Retry and breaker', 'Retry and breaker'],
  ['Timeout', 'Timeout'],
  ['Retry, breaker, bulkhead and timeout', 'Retry, breaker, bulkhead, timeout'],
]);

const WIDTH = 920;
const MARGIN = 20;
const PANEL_WIDTH = (WIDTH - MARGIN) / 2;
const LABEL_WIDTH = 140;
const VALUE_WIDTH = 110;
const LONGEST_BAR = PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH - 20;
const BAR = 14;
const STEP = 22;
const HEAD = MARGIN + 56;
const PANEL_HEAD = 40;
const GAP = 18;

// An image in a README sees the reader's colour scheme, but neither the page's text colour nor its background, which a reader may
// have set otherwise: it brings both.
const STYLE = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .panel { font-size: 13px; font-weight: 600; }
  .muted { fill: #656d76; }
  .ours { font-weight: 600; }
  .page { fill: #ffffff; }
  .bar { fill: #afb8c1; }
  .bar.ours { fill: #0969da; }
  line { stroke: #656d76; stroke-dasharray: 3 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .muted { fill: #8d96a0; }
    .page { fill: #0d1117; }
    .bar { fill: #57606a; }
    .bar.ours { fill: #4493f8; }
    line { stroke: #8d96a0; }
  }`;

interface Panel {
  readonly title: string;
  readonly bare: Timed;
  readonly ours: Timed;
  /** Ours and the peers', the fastest first. */
  readonly bars: readonly Timed[];
}

/** The times of a call as bars, a panel for each work, each on a linear scale of its own from 0. Plain SVG. */
export function chart(timings: Timings): string {
  const panels = [...PANELS].map(([group, title]) => toPanel(title, timings.get(group)!));
  const rows = Array.from({ length: Math.ceil(panels.length / 2) }, (_, row) => panels.slice(2 * row, 2 * row + 2));
  const drawn: string[] = [];
  let y = HEAD;
  for (const row of rows) {
    drawn.push(...row.map((panel, column) => drawPanel(panel, MARGIN + column * PANEL_WIDTH, y)));
    y += Math.max(...row.map(heightOf)) + GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title summary">
<title id="title">Time of a protected call, library by library</title>
<desc id="summary">${escaped(panels.map(summaryOf).join(' '))}</desc>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${y}" rx="6"/>
${text(MARGIN, MARGIN + 16, 'Time of a protected call: nanoseconds of processor time, shorter is better', 'title')}
${text(MARGIN, MARGIN + 36, 'Each panel has its own scale, which begins at 0. The dashed line is the same call without protection. Details: bench/README.md', 'muted')}
${drawn.join('\n')}
</svg>
`;
}

function toPanel(title: string, contenders: ReadonlyMap<string, Timed>): Panel {
  const all = [...contenders.values()];
  const bars = all.filter(({ name, library }) => library !== undefined && (library !== 'breaker-box' || name === OURS));
  return {
    title,
    bare: contenders.get(BARE)!,
    ours: contenders.get(OURS)!,
    bars: bars.sort((one, other) => median(one.samples) - median(other.samples)),
  };
}

function heightOf({ bars }: Panel): number {
  return PANEL_HEAD + bars.length * STEP;
}

function drawPanel(panel: Panel, left: number, top: number): string {
  const { title, bare, bars } = panel;
  const bareNs = median(bare.samples);
  const longestNs = Math.max(bareNs, ...bars.map(({ samples }) => median(samples)));
  const widthOf = (ns: number): number => (ns / longestNs) * LONGEST_BAR;
  const zero = left + LABEL_WIDTH;
  const lineX = (zero + widthOf(bareNs)).toFixed(1);
  const firstBar = top + PANEL_HEAD - 14;
  return [
    text(left, top + 12, title, 'panel'),
    ...bars.map((timed, n) => drawBar(timed, panel, zero, firstBar + n * STEP, widthOf(median(timed.samples)))),
    `<line x1="${lineX}" x2="${lineX}" y1="${firstBar - 4}" y2="${firstBar + bars.length * STEP - 4}"/>`,
  ].join('\n');
}

function drawBar(timed: Timed, { ours }: Panel, zero: number, top: number, width: number): string {
  const isOurs = timed === ours;
  const baseline = top + BAR - 3;
  const times = isOurs ? '' : ` <tspan class="muted">${ratio(timed.samples, ours.samples).median.toFixed(1)}×</tspan>`;
  return [
    `<text x="${zero - 8}" y="${baseline}" text-anchor="end"${isOurs ? ' class="ours"' : ''}>${escaped(labelOf(timed))}</text>`,
    `<rect x="${zero}" y="${top}" width="${width.toFixed(1)}" height="${BAR}" rx="2" class="${isOurs ? 'bar ours' : 'bar'}"/>`,
    `<text x="${(zero + width + 6).toFixed(1)}" y="${baseline}"${isOurs ? ' class="ours"' : ''}>${grouped(median(timed.samples))} ns${times}</text>`,
  ].join('\n');
}

function labelOf({ name, lacks }: Timed): string {
  return lacks === undefined ? name.replace(' under ', ' + ') : `${name} (no ${lacks.part.replace(/^an? /, '')})`;
}

/** The panel in words, for those who cannot see it. */
function summaryOf({ title, bare, bars }: Panel): string {
  const times = bars.map((timed) => `${labelOf(timed)} ${grouped(median(timed.samples))} ns`);
  return `${title}: without protection ${grouped(median(bare.samples))} ns, ${times.join(', ')}.`;
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text x="${x}" y="${y}" class="${kind}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
