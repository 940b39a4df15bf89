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

const variables = dashboard.templating.list.filter(({ type }) => type === 'query');

/** A query as Grafana sends it, for all jobs, instances and operations. */
const filledIn = (expr: string): string => expr.replaceAll(/\$(job|instance|operation)\b/g, '.*').replaceAll('$__rate_interval', '1m');

/** What of a selector is not there in the scrape. */
function missing({ metric, matchers, groupedBy }: Omit<Selector, 'functions'>): string[] {
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

  it('offers the jobs, instances and operations that there are, each of those chosen before', () => {
    expect(variables.map(({ name }) => name)).toEqual(['job', 'instance', 'operation']);
    variables.forEach(({ name, definition = '', query }, at) => {
      const [, expr = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      const [selector] = selectorsOf(filledIn(expr));
      expect(label).toBe(name);
      expect(missing({ ...selector!, groupedBy: [label] })).toEqual([]);
      expect(selector!.matchers.map((matcher) => matcher.label)).toEqual(variables.slice(0, at).map((before) => before.name));
      expect(query).toMatchObject({ query: definition });
    });
  });

  it.each(targets)('asks, in “%s”, for the jobs, instances and operations that were chosen, and for no other variable', (_title, { expr }) => {
    const chosen = variables.map(({ name }) => ({ label: name, operator: '=~', value: `$${name}` }));
    for (const { metric, matchers } of selectorsOf(expr.replaceAll('$__rate_interval', '1m'))) {
      // What is measured of a whole process has no operation.
      const isOfProcess = metric.startsWith('breaker_box_fleet_');
      expect(matchers).toEqual(expect.arrayContaining(chosen.filter(({ label }) => !isOfProcess || label !== 'operation')));
    }
    expect(expr.match(/\$\w+/g)?.filter((name) => ![...chosen.map(({ value }) => value), '$__rate_interval'].includes(name))).toEqual([]);
  });

  // Rule 63: names by Prometheus' rules, so that a name tells how to ask for it.
  it.each(targets)('takes, in “%s”, the rate of what only grows, and of nothing else', (_title, { expr }) => {
    for (const { metric, functions } of selectorsOf(filledIn(expr))) {
      const grows = /_(total|bucket|sum|count)$/.test(metric);
      expect([metric, functions.some((name) => ['rate', 'increase'].includes(name))]).toEqual([metric, grows]);
    }
  });

  it('shows in seconds what is measured in seconds', () => {
    for (const panel of dashboard.panels) {
      if (!('targets' in panel)) continue;
      const unit = panel.fieldConfig?.defaults.unit;
      const metrics = (panel.targets as Target[]).flatMap(({ expr }) => selectorsOf(filledIn(expr)).map(({ metric }) => metric));
      expect([panel.title, metrics.some((metric) => metric.includes('_seconds'))]).toEqual([panel.title, unit === 's']);
    }
  });

  it('has panels that do not lie on each other, with ids of their own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
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
    ['a label of another name', 'sum(breaker_box_calls_total{result="success"})'],
    ['a value that there is not', 'sum(breaker_box_calls_total{outcome="error"})'],
    ['one such value among others', 'sum(breaker_box_calls_total{outcome=~"success|error"})'],
    ['a label to group by that there is not', 'sum by (key) (breaker_box_calls_total)'],
  ])('finds %s', (_what, expr) => {
    expect(missingIn(expr)).not.toEqual([]);
  });

  it('finds what is no PromQL', () => {
    expect(() => missingIn('sum by (breaker_box_calls_total')).toThrow(/PromQL/);
  });
});
