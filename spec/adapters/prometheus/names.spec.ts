import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry, type OpenMetricsContentType } from 'prom-client';
import { BreakerRegistry } from '../../../lib';
import { prometheusMetrics } from '../../../lib/adapters/prometheus';
import { TRANSITION_REASONS } from '../../../lib/breaker/reasons';
import { Program } from './support/program';
import { scrape } from './support/scrape';

function openMetricsRegister(): Registry<OpenMetricsContentType> {
  const register = new Registry<OpenMetricsContentType>();
  register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return register;
}

// Rule 63: https://prometheus.io/docs/practices/naming/
describe('the names of metrics in Prometheus', () => {
  const register = new Registry();
  prometheusMetrics(new BreakerRegistry(), { register });
  const metrics = register.getMetricsAsArray() as unknown as { name: string; help: string; type: string; labelNames: string[] }[];

  it('are these, of these types', () => {
    expect(Object.fromEntries(metrics.map(({ name, type }) => [name, type]))).toEqual({
      breaker_box_calls_total: 'counter',
      breaker_box_attempts_total: 'counter',
      breaker_box_rejections_total: 'counter',
      breaker_box_fallbacks_total: 'counter',
      breaker_box_cache_lookups_total: 'counter',
      breaker_box_breaker_transitions_total: 'counter',
      breaker_box_call_duration_seconds: 'histogram',
      breaker_box_retry_delay_seconds: 'histogram',
      breaker_box_breaker_state: 'gauge',
      breaker_box_breaker_failure_ratio: 'gauge',
      breaker_box_breaker_next_probe_seconds: 'gauge',
      breaker_box_retry_budget: 'gauge',
      breaker_box_bulkhead_usage: 'gauge',
      breaker_box_bulkhead_limit: 'gauge',
      breaker_box_bulkhead_queued: 'gauge',
      breaker_box_fleet_commands_total: 'counter',
      breaker_box_fleet_unanswered_total: 'counter',
      breaker_box_fleet_votes_total: 'counter',
      breaker_box_fleet_store_up: 'gauge',
      breaker_box_fleet_breakers: 'gauge',
      breaker_box_fleet_probes_held: 'gauge',
      breaker_box_fleet_processes: 'gauge',
    });
  });

  const page = readFileSync(join(__dirname, '../../../docs/observability.md'), 'utf8');

  it('stand in the documents, each with its name in OpenTelemetry, its type, its unit and its labels', () => {
    const rows = page.split('\n').flatMap((line) => {
      const [, openTelemetry, prometheus, type, labels] = /^\| `(breaker_box\.[\w.]+)` \| `(\w+)` \| (\w+[^|]*) \|([^|]*)\|/.exec(line) ?? [];
      return openTelemetry === undefined ? [] : [{ openTelemetry, prometheus, type, labels: (labels ?? '').split(':')[0]!.match(/\w+/g) ?? [] }];
    });
    expect(rows.map(({ prometheus }) => prometheus).sort()).toEqual(metrics.map(({ name }) => name).sort());
    for (const { name, type, labelNames } of metrics) {
      const row = rows.find(({ prometheus }) => prometheus === name)!;
      expect(name.replace(/_(total|seconds)$/g, '')).toBe(row.openTelemetry.replaceAll('.', '_'));
      expect([name, row.type?.split(',')[0], row.labels]).toEqual([name, type, labelNames.filter((label) => !['operation', 'le'].includes(label))]);
      expect([name, row.type?.endsWith(', seconds')]).toEqual([name, name.endsWith('_seconds')]);
    }
  });

  it('stand there with all reasons of a transition', () => {
    const [, paragraph = ''] = /\*\*Reason of a transition\*\*: ([^]*?)\n\n/.exec(page) ?? [];
    expect(new Set(paragraph.match(/`\w+`/g))).toEqual(new Set(TRANSITION_REASONS.map((reason) => `\`${reason}\``)));
  });

  it('end in _total where they only grow, and in _seconds where they are times', () => {
    for (const { name, type, help } of metrics) {
      expect([name, /_total$/.test(name)]).toEqual([name, type === 'counter']);
      expect([name, /_seconds$/.test(name)]).toEqual([name, /seconds/.test(help)]);
    }
  });

  it.each(['Prometheus', 'OpenMetrics'])('are the same in a scrape of %s text', async (format) => {
    const program = new Program(format === 'Prometheus' ? new Registry() : openMetricsRegister());
    await program.start();
    await program.work();
    // Twice: prom-client takes the suffix off a counter for OpenMetrics, to append it again.
    await scrape(program.url);
    const samples = await scrape(program.url);
    await program.stop();
    const known = metrics.flatMap(({ name, type }) => (type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name]));
    expect([...new Set(samples.map(({ metric }) => metric))].sort()).toEqual(known.sort());
  });
});
