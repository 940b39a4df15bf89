import dashboard from '../../../dashboards/grafana.json';
import { Program } from './support/program';
import { selectorsOf, type Selector } from './support/promql';
import { scrape, type Sample } from './support/scrape';

const program = new Program();
let samples: Sample[];

beforeAll(async () => {
  await program.start();
  await program.work();
  samples = await scrape(program.url);
});

afterAll(() => program.stop());

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

const panels = dashboard.panels.flatMap((panel) => ('targets' in panel ? [{ title: panel.title, targets: panel.targets as Target[] }] : []));
const targets = panels.flatMap(({ title, targets: all }) => all.map((target) => [title, target] as const));

/** A query as Grafana sends it, for all operations. */
const filledIn = (expr: string): string => expr.replaceAll('$operation', '.*').replaceAll('$__rate_interval', '1m');

/** What of a selector is not there in the scrape. */
function missing({ metric, matchers, groupedBy }: Selector): string[] {
  const series = samples.filter((sample) => sample.metric === metric);
  if (series.length === 0) return [metric];
  const without = [...matchers.map(({ label }) => label), ...groupedBy].filter((label) => series.some(({ labels }) => !(label in labels)));
  const unmatched = matchers.flatMap(({ label, operator, value }) =>
    wanted(operator, value).filter((one) => !series.some(({ labels }) => matches(labels[label] ?? '', one))).map((one) => `${label}="${one}"`),
  );
  return [...without, ...unmatched].map((what) => `${metric}{${what}}`);
}

/** The values that are asked for, each of which must be there: of `a|b` both. What is to be left out must have been there, too. */
const wanted = (operator: string, value: string): string[] => (operator.endsWith('~') ? value.split('|') : [value]);
const matches = (label: string, value: string): boolean => new RegExp(`^(?:${value})$`).test(label);
const missingIn = (expr: string): string[] => selectorsOf(filledIn(expr)).flatMap(missing);

describe('the Grafana dashboard', () => {
  it('has queries to check', () => {
    expect(targets.length).toBeGreaterThan(15);
  });

  it.each(targets)('asks, in “%s”, for series that a scrape of a running program has', (_title, { expr }) => {
    expect(selectorsOf(filledIn(expr))).not.toEqual([]);
    expect(missingIn(expr)).toEqual([]);
  });

  it.each(targets)('names, in “%s”, its lines by labels that are left after aggregation', (_title, { expr, legendFormat }) => {
    const left = selectorsOf(filledIn(expr)).map(({ groupedBy }) => groupedBy);
    for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      for (const labels of left) expect(labels).toContain(label);
    }
  });

  it('offers the operations that there are', () => {
    const variable = dashboard.templating.list.find(({ name }) => name === 'operation')!;
    const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(variable.definition ?? '') ?? [];
    expect(missing({ metric, matchers: [], groupedBy: [label] })).toEqual([]);
  });

  it('shows every metric that we emit', () => {
    const asked = new Set(targets.flatMap(([, { expr }]) => selectorsOf(filledIn(expr)).map(({ metric }) => metric)));
    const families = new Set(samples.map(({ metric }) => metric.replace(/_(bucket|sum|count)$/, '')));
    expect([...families].filter((family) => ![...asked].some((metric) => metric.startsWith(family)))).toEqual([]);
  });
});

describe('the check of the dashboard', () => {
  it.each([
    ['a metric of another name', 'sum(breaker_box_call{operation=~"$operation"})'],
    ['a label of another name', 'sum(breaker_box_calls{result="success"})'],
    ['a value that there is not', 'sum(breaker_box_calls{outcome="error"})'],
    ['one such value among others', 'sum(breaker_box_calls{outcome=~"success|error"})'],
    ['a label to group by that there is not', 'sum by (key) (breaker_box_calls)'],
  ])('finds %s', (_what, expr) => {
    expect(missingIn(expr)).not.toEqual([]);
  });

  it('finds what is no PromQL', () => {
    expect(() => missingIn('sum by (breaker_box_calls')).toThrow(/PromQL/);
  });
});
